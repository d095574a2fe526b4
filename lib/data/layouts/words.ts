/**
 * What the name of a folder says: a part of a data set, masks, good or
 * defective products. Case and punctuation do not matter.
 *
 * @module
 */

/** What a folder holds by its name; `other` where the name does not say. */
export type Role =
  | "test"
  | "train"
  | "validation"
  | "private"
  | "truth"
  | "good"
  | "defective"
  | "unclear"
  | "images"
  | "depth"
  | "other";

/** Names that stand for a role in whatever folder they are. */
const NAMES: Readonly<Partial<Record<Role, string>>> = {
  test: "test tests testing testset testpublic testimages testdata",
  train: "train training trainset trainimages traindata",
  validation: "val valid validation valset",
  private: "testprivate testprivatemixed",
  truth: "groundtruth groundtruths gt gts mask masks gtmask gtmasks label " +
    "labels annotation annotations ann seg segmentation segmentations " +
    "segmentationmask segmentationmasks groundtruthmask groundtruthmasks " +
    "maskimages labelimages segmentationclass " +
    "maske masken masque masques máscara máscaras mascara mascaras " +
    "maschera maschere maska maski маска маски マスク 掩码 掩膜 마스크",
  images: "images image imgs img pictures picture pics photos rgb data " +
    "jpegimages sourceimages src",
  depth: "xyz depth pointcloud pointclouds pcd z",
};

/** Words for a product without a defect, by language. */
const GOOD = wordSet(
  "good goods ok oks okay okey normal normals pass passed passes accept " +
    "accepted healthy intact flawless faultless undamaged nominal conforming " +
    "perfect clean spotless " +
    "io gut gute gutteil gutteile fehlerfrei " +
    "bon bons bonne bonnes conforme conformes " +
    "bueno buena buenos buenas correcto correcta correctos correctas " +
    "buono buona buoni buone " +
    "bom " +
    "dobry dobre dobra " +
    "годный годные норма хороший хорошие " +
    "良品 正常 合格 合格品 良好 정상 양품",
);

/** Words for a product with a defect, by language. */
const DEFECTIVE = wordSet(
  "bad bads ng nok ko nio defect defects defective defectives def anomaly " +
    "anomalies anomalous abnormal abnormals abnormality abnormalities fail " +
    "failed fails failure failures reject rejected rejects faulty fault " +
    "faults damage damages damaged broken flaw flaws flawed outlier outliers " +
    "imperfect " +
    "schlecht schlechte schlechtteil schlechtteile defekt defekte fehler " +
    "fehlerhaft ausschuss " +
    "mauvais mauvaise mauvaises défaut défauts defaut defauts défectueux " +
    "malo mala malos malas defecto defectos defectuoso defectuosa " +
    "defectuosos defectuosas " +
    "difetto difetti difettoso difettosa difettosi difettose scarto scarti " +
    "defeito defeitos defeituoso defeituosa ruim ruins " +
    "wada wady wadliwy wadliwe " +
    "брак дефект дефекты плохой плохие " +
    "不良 不良品 不合格 不合格品 异常 異常 缺陷 欠陥 불량 불량품 결함 이상",
);

const NEGATIONS = wordSet(
  "no not non un without zero " +
    "nicht kein keine keinen keinerlei ohne " +
    "não nao sem nenhum sin ningún ninguno ninguna sans pas aucun aucune " +
    "senza nessun nessuno nessuna nie bez не без нет",
);
const FREE = wordSet("free less");

/** Words that some use for good products, and others for defective ones. */
const UNCLEAR = wordSet("positive negative positives negatives pos neg");

/** Pairs of names that say which is which only to their owner. */
const UNCLEAR_PAIRS: readonly (readonly [string, string])[] = [
  ["0", "1"],
  ["true", "false"],
  ["yes", "no"],
];

const ROLE_OF_NAME: ReadonlyMap<string, Role> = new Map(
  Object.entries(NAMES).flatMap(([role, names]) =>
    names.split(" ").map((name) => [name, role as Role] as const)
  ),
);

function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** `defectfree` -> defect, free; `notok` -> not, ok. */
function partsOf(word: string): string[] {
  if (GOOD.has(word) || DEFECTIVE.has(word)) return [word];
  const [, stem = "", end = ""] = word.match(/^(.+?)(free|less)$/) ?? [];
  if (DEFECTIVE.has(stem)) return [stem, end];
  const [, start = "", rest = ""] = word.match(/^(not|non|no|un)(.+)$/) ?? [];
  return GOOD.has(rest) || DEFECTIVE.has(rest) ? [start, rest] : [word];
}

/** Letters and digits alone, in lower case: `n.i.O.` -> nio. */
function plainOf(name: string): string {
  return name.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

/** `Defect-Free_02` -> defect, free; `testPublic` -> test, public. */
function wordsOf(name: string): string[] {
  const plain = plainOf(name);
  if (GOOD.has(plain) || DEFECTIVE.has(plain)) return [plain];
  const words =
    name.normalize("NFC").replace(/(^|[^\p{L}])w\/o(?!\p{L})/giu, "$1no")
      .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  return words.flatMap(partsOf);
}

/** The role of words for the state of a product. */
function stateOf(words: readonly string[]): Role {
  if (words.some((word) => UNCLEAR.has(word))) return "unclear";
  const isGood = words.some((word) => GOOD.has(word));
  const isDefective = words.some((word) => DEFECTIVE.has(word));
  if (isGood && isDefective) return "unclear";
  if (!isGood && !isDefective) return "other";
  const isTurned = words.some((word) => NEGATIONS.has(word)) ||
    isDefective && words.some((word) => FREE.has(word));
  return isGood !== isTurned ? "good" : "defective";
}

/**
 * Tells what a folder holds by its name.
 *
 * @param name The folder's own name.
 * @returns The role.
 */
export function roleOf(name: string): Role {
  // The folders of COCO are called `train2017` and `val2017`.
  const plain = plainOf(name).replace(/^(test|train|val)20\d\d$/, "$1");
  return ROLE_OF_NAME.get(plain) ?? stateOf(wordsOf(name));
}

/**
 * Whether a name says the state of a product in nothing but known words, as
 * `Good` and `defect_free` do and `ok_button` does not.
 *
 * @param name The folder's own name.
 * @returns Whether it could hardly be the name of a product.
 */
export function isPlainState(name: string): boolean {
  const words = wordsOf(name);
  return words.every((word) =>
    GOOD.has(word) || DEFECTIVE.has(word) || NEGATIONS.has(word) ||
    FREE.has(word) || UNCLEAR.has(word)
  );
}

/**
 * The spelling of a name by which two folders for good products are told
 * apart.
 *
 * @param name The folder's own name.
 * @returns Its words in lower case, without numbers.
 */
export function spellingOf(name: string): string {
  return wordsOf(name).join(" ");
}

/** Names of folders whose images were not yet sorted. */
const UNSORTED = wordSet(
  "unlabeled unlabelled unsorted unclassified unannotated unchecked nolabel " +
    "nolabels",
);

/**
 * Whether a folder's name says that nobody sorted its images yet.
 *
 * @param name The folder's own name.
 * @returns Whether it does.
 */
export function isUnsorted(name: string): boolean {
  return UNSORTED.has(plainOf(name));
}

/**
 * Whether folders are named by a pair of words that only their owner
 * understands, as `0` and `1`.
 *
 * @param names The names of all folders in one folder.
 * @returns Whether they are such a pair.
 */
export function isUnclearPair(names: readonly string[]): boolean {
  const lower = names.map((name) => name.toLowerCase());
  return lower.length === 2 &&
    UNCLEAR_PAIRS.some((pair) => pair.every((name) => lower.includes(name)));
}

/** Names that are for masks alone; others may as well be a product's. */
const STRICT_TRUTH = wordSet("groundtruth groundtruths gt gts gtmask gtmasks");

/**
 * Whether a name can only be that of a folder of masks.
 *
 * @param name The folder's own name.
 * @returns Whether it is.
 */
export function isStrictTruth(name: string): boolean {
  return STRICT_TRUTH.has(plainOf(name));
}
