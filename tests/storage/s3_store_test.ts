import { openStore } from "../../lib/storage/open_store.ts";
import { testStore } from "./_contract.ts";
import { startS3Server } from "./_s3_server.ts";

testStore("S3Store", async () => {
  const server = await startS3Server();
  const { bucket, settings } = server;
  const store = openStore(`s3://${bucket}/a folder/`, settings);
  return { store, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}, { isFull: false });
