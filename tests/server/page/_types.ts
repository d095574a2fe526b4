/**
 * Prints the types of an OpenAPI document that comes as an argument. Run by
 * openapi_test.ts, since openapi-typescript reads variables that tests may not.
 *
 * @module
 */
import openapiTS, { astToString } from "openapi-typescript";

console.log(astToString(await openapiTS(JSON.parse(Deno.args[0]!))));
