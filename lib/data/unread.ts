/**
 * Files of a data set that are no images this project knows, counted so that
 * none is passed over in silence.
 *
 * @module
 */
import { isImageName, type Source } from "./source.ts";

/** What lies about in data sets and is no image by its name. */
const DOCUMENT_REGEXP =
  /\.(safetensors|pth?|ckpt|onnx|pkl|npz|h5|bin|txt|md|rst|pdf|docx?|xlsx?|pptx?|odt|ods|rtf|html?|css|js|ts|py|ipynb|m|sh|bat|ps1|json|jsonl|ndjson|csv|tsv|xml|ya?ml|toml|ini|cfg|conf|log|bib|tex|names|data|db|lnk|url|sha256|sha1|md5|crc|sum|lock|dvc|gitignore|gitattributes|license)$/i;

const NO_ENDING_REGEXP =
  /^(licen[sc]e|readme|copying|authors|notice|makefile|dockerfile|changelog|version|contributing|citation|checksums?|md5sums?|sha\d+sums?|cachedir)\b/i;

function endingOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.match(/\.\w{1,12}$/)?.[0].toLowerCase() ?? "";
}

function isDocument(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return DOCUMENT_REGEXP.test(name) || NO_ENDING_REGEXP.test(name);
}

/**
 * Counts the files that may hold images and were not read.
 *
 * @param source The files.
 * @returns `14 files were not read: .npy 12, without an ending 2`, or nothing.
 */
export function unreadNotes({ files }: Source): string[] {
  const counts = new Map<string, number>();
  for (const path of files) {
    if (isImageName(path) || isDocument(path)) continue;
    const ending = endingOf(path);
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const total = counts.values().reduce((sum, count) => sum + count, 0);
  const listed = [...counts].sort(([, a], [, b]) => b - a).map(
    ([ending, count]) => `${ending || "without an ending"} ${count}`,
  );
  const subject = total === 1 ? "1 file was" : `${total} files were`;
  return [`${subject} not read: ${listed.join(", ")}`];
}
