// Writes age-keys.json: identities and recipients as the stock implementation writes them:
// npm install age-encryption@0.3.1 && node age-keys.mjs
import { identityToRecipient } from "age-encryption";
import { bech32 } from "@scure/base";
import { createHash } from "node:crypto";
const vectors = [];
for (const name of ["subrosa kit 1", "subrosa kit 2"]) {
  const seed = new Uint8Array(createHash("sha256").update(name).digest());
  const identity = bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", seed).toUpperCase();
  vectors.push({ seed: Buffer.from(seed).toString("hex"), identity, recipient: await identityToRecipient(identity) });
}
console.log(JSON.stringify({ source: "identityToRecipient of npm age-encryption 0.3.1; each seed is SHA-256 of \"subrosa kit 1\" and \"subrosa kit 2\"", vectors }, null, 2));
