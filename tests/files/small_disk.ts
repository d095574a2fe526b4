/**
 * A disk that is soon full: a tmpfs, which takes root on Linux.
 *
 * @module
 */

/** A mounted folder that is unmounted at the end of its scope. */
export interface SmallDisk extends AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string;
  /** Makes it larger. */
  resize(kilobytes: number): void;
  /** Makes it read-only for good. */
  freeze(): void;
}

const READ_ONLY = 1;
const REMOUNT = 32;
const DETACH = 2;

function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${value}\0`);
}

function openLibrary() {
  return Deno.dlopen("libc.so.6", {
    mount: {
      parameters: ["buffer", "buffer", "buffer", "u64", "buffer"],
      result: "i32",
    },
    umount2: { parameters: ["buffer", "i32"], result: "i32" },
  });
}

/** Whether {@linkcode mountSmallDisk} is allowed. */
export async function canMount(): Promise<boolean> {
  await using disk = await mountSmallDisk(4);
  return disk !== undefined;
}

/**
 * Mounts a small disk.
 *
 * @returns The disk, or undefined where that is refused.
 */
export async function mountSmallDisk(
  kilobytes: number,
): Promise<SmallDisk | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const library = openLibrary();
  const path = await Deno.makeTempDir();
  const type = text("tmpfs");
  const mount = (flags: number, size: number) =>
    library.symbols.mount(
      type,
      text(path),
      type,
      BigInt(flags),
      text(`size=${size}k`),
    );
  const close = async () => {
    library.close();
    await Deno.remove(path, { recursive: true });
  };
  if (mount(0, kilobytes) !== 0) {
    await close();
    return undefined;
  }
  return {
    path,
    resize(size) {
      mount(REMOUNT, size);
    },
    freeze() {
      mount(REMOUNT | READ_ONLY, kilobytes);
    },
    async [Symbol.asyncDispose]() {
      library.symbols.umount2(text(path), DETACH);
      await close();
    },
  };
}
