/**
 * A profile as a .zip archive, to be sent and kept as one file.
 *
 * @module
 */
import { type Zippable, zipSync } from "fflate";
import { encodeProfile, type Profile, PROFILE_FILE } from "./profile.ts";

/** The first date that archives can tell, so that bytes depend on content alone. */
const EPOCH = new Date(1980, 0, 1);

/**
 * Packs a profile. The same profile gives the same bytes.
 *
 * @param profile The content of its `profile.json`.
 * @param files Name of each memory -> its bytes.
 * @returns The bytes of an archive that {@linkcode readProfile} reads.
 */
export function packProfile(
  profile: Profile,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(encodeProfile(profile));
  // Floats hardly shrink.
  const entries: Zippable = { [PROFILE_FILE]: [text, { level: 6 }] };
  for (const [name, bytes] of files) entries[name] = [bytes, { level: 0 }];
  return new Uint8Array(zipSync(entries, { mtime: EPOCH }));
}
