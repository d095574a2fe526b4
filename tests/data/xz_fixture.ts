/**
 * A .tar.xz archive, as nothing at hand writes one. Python's tarfile and lzma
 * made it of three grey PNGs of 4 x 3 pixels with the values 50, 60 and 255:
 * mvtec/zipper/test/good/000.png, mvtec/zipper/test/split/000.png and
 * mvtec/zipper/ground_truth/split/000_mask.png.
 *
 * @module
 */

const BASE64 = `
/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AP9dADaditUWJrWdLH5U2Va6ItcI3NTImzZL
oNe/T1hj6zBNsyBirQ0UIVGEx2luSRzLUrfzd0MwKY6Z8h8BNjxoK1w42kQXHXU5flXyopDQ
q+YjWdFdwylrW8iv8NBn67657SV6Y47y8LxeQRnp6TU+Lbxr6qOto0lb3AjOrXgaCFqtlIto
I4aneLmPPsIly2a28CrSB6PJeXAbrZQEvmfoxS/qV/TFIvm47dzoBw4fp4B+37SbgprSPOKK
GyGYS1NEFbykJvb2c9/x/glFtwDvdepUn+rAQrU3eZTUOFiUmCnd2q+5AxxVUeFLcC1Hl3UH
O8PzwhxN9Xl2HCBCbUuoAAAAVpb/IWfQbTwAAZsCgFAAALb50U+xxGf7AgAAAAAEWVo=
`;

/** The archive's bytes. */
export function xzArchive(): Uint8Array {
  return Uint8Array.fromBase64(BASE64);
}
