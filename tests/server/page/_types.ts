/**
 * Prints the types of an OpenAPI document that comes as an argument. Run by
 * openapi_test.ts, since openapi-typescript reads variables that tests may not.
 *
 * @module
 */
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const blob = ts.factory.createTypeReferenceNode("Blob");

const types = await openapiTS(JSON.parse(Deno.args[0]!), {
  // What openapi-typescript's documentation says of files.
  transform: ({ format }) => format === "binary" ? blob : undefined,
});
console.log(astToString(types));
