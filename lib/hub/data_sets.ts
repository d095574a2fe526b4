/**
 * The data sets that have a name, and what is known of each.
 *
 * @module
 */
import type { RemoteFile } from "./registry.ts";

/** How many images there are. */
export interface ImageCounts {
  /** For training. */
  readonly train: number;
  /** For tests, without a defect. */
  readonly good: number;
  /** For tests, with a defect. */
  readonly bad: number;
}

/** A data set. */
export interface DataSetEntry {
  /** Its name on the command line. */
  readonly name: string;
  /** Its name in papers. */
  readonly title: string;
  /** Its licence. */
  readonly licence: string;
  /** Where its owners describe it. */
  readonly page: string;
  /** The archive, where its owners let anyone download it. */
  readonly archive?: RemoteFile;
  /** Another way to get it, as a clause. */
  readonly otherwise?: string;
  /** Its categories, sorted by code units. */
  readonly categories: readonly string[];
  /** Images of each category, where they were counted. */
  readonly counts?: Readonly<Record<string, ImageCounts>>;
  /** Images of all categories, where they are known. */
  readonly total?: ImageCounts;
}

const BY_NC_SA = "CC BY-NC-SA 4.0 (no commercial use)";

/** `bottle 209/20/63` and so on: train, good, bad. */
function countsOf(text: string): Readonly<Record<string, ImageCounts>> {
  return Object.fromEntries(
    text.trim().split(/\s*,\s*/).map((part) => {
      const [name = "", numbers = ""] = part.split(" ");
      const [train = 0, good = 0, bad = 0] = numbers.split("/").map(Number);
      return [name, { train, good, bad }];
    }),
  );
}

const MVTEC = countsOf(`
  bottle 209/20/63, cable 224/58/92, capsule 219/23/109, carpet 280/28/89,
  grid 264/21/57, hazelnut 391/40/70, leather 245/32/92, metal_nut 220/22/93,
  pill 267/26/141, screw 320/41/119, tile 230/33/84, toothbrush 60/12/30,
  transistor 213/60/40, wood 247/19/60, zipper 240/32/119`);

const VISA = countsOf(`
  candle 900/100/100, capsules 542/60/100, cashew 450/50/100,
  chewinggum 453/50/100, fryum 450/50/100, macaroni1 900/100/100,
  macaroni2 900/100/100, pcb1 904/100/100, pcb2 901/100/100,
  pcb3 905/101/100, pcb4 904/101/100, pipe_fryum 450/50/100`);

/** All data sets, in the order in which they are listed. */
export const DATA_SETS: readonly DataSetEntry[] = [
  {
    name: "mvtec",
    title: "MVTec AD",
    licence: BY_NC_SA,
    page: "https://www.mvtec.com/company/research/datasets/mvtec-ad",
    archive: {
      path: "mvtec_anomaly_detection.tar.xz",
      url:
        "https://www.mydrive.ch/shares/150996/b52ecdcbf521176e9db9c731f2304b27/download/420938113-1629960298/mvtec_anomaly_detection.tar.xz",
      expected: {
        sha256:
          "cf4313b13603bec67abb49ca959488f7eedce2a9f7795ec54446c649ac98cd3d",
      },
    },
    categories: Object.keys(MVTEC),
    counts: MVTEC,
    total: { train: 3629, good: 467, bad: 1258 },
  },
  {
    name: "visa",
    title: "VisA",
    licence: "CC BY 4.0",
    page: "https://github.com/amazon-science/spot-diff",
    archive: {
      path: "VisA_20220922.tar",
      url:
        "https://amazon-visual-anomaly.s3.us-west-2.amazonaws.com/VisA_20220922.tar",
      expected: {
        sha256:
          "2eb8690c803ab37de0324772964100169ec8ba1fa3f7e94291c9ca673f40f362",
      },
    },
    categories: Object.keys(VISA),
    counts: VISA,
    total: { train: 8659, good: 962, bad: 1200 },
  },
  {
    name: "mpdd",
    title: "MPDD",
    licence: BY_NC_SA,
    page: "https://github.com/stepanje/MPDD",
    otherwise: "its page leads to a folder on OneDrive",
    categories: [
      "bracket_black",
      "bracket_brown",
      "bracket_white",
      "connector",
      "metal_plate",
      "tubes",
    ],
    total: { train: 888, good: 176, bad: 282 },
  },
  {
    name: "btad",
    title: "BTAD",
    licence: "CC BY-SA (its README.txt)",
    page: "https://github.com/pankajmishra000/VT-ADL",
    archive: {
      path: "btad.zip",
      url: "https://avires.dimi.uniud.it/papers/btad/btad.zip",
      expected: {
        sha256:
          "461c9387e515bfed41ecaae07c50cf6b10def647b36c9e31d239ab2736b10d2a",
      },
    },
    categories: ["01", "02", "03"],
    total: { train: 1799, good: 451, bad: 290 },
  },
  {
    name: "sdd",
    title: "KolektorSDD",
    licence: BY_NC_SA,
    page: "https://www.vicos.si/resources/kolektorsdd/",
    archive: {
      path: "KolektorSDD.zip",
      url: "https://go.vicos.si/kolektorsdd",
      expected: {
        sha256:
          "65dc621693418585de9c4467d1340ea7958a6181816f0dc2883a1e8b61f9d4dc",
      },
    },
    categories: ["electrical commutators"],
    total: { train: 0, good: 347, bad: 52 },
  },
  {
    name: "dagm",
    title: "DAGM 2007",
    licence: "CC BY 4.0",
    page: "https://zenodo.org/records/12750201",
    otherwise: "its page offers one archive of all classes",
    categories: [
      "Class1",
      "Class10",
      "Class2",
      "Class3",
      "Class4",
      "Class5",
      "Class6",
      "Class7",
      "Class8",
      "Class9",
    ],
    total: { train: 8050, good: 6996, bad: 1054 },
  },
  {
    name: "dtd-synthetic",
    title: "DTD-Synthetic",
    licence: "not stated by its owners",
    page:
      "https://drive.google.com/drive/folders/10OyPzvI3H6llCZBxKxFlKWt1Pw1tkMK1",
    otherwise: "its page is a folder on Google Drive",
    categories: [
      "Blotchy_099",
      "Fibrous_183",
      "Marbled_078",
      "Matted_069",
      "Mesh_114",
      "Perforated_037",
      "Stratified_154",
      "Woven_001",
      "Woven_068",
      "Woven_104",
      "Woven_125",
      "Woven_127",
    ],
  },
];
