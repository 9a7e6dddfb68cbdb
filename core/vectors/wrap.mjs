// Writes wrap.json: a wrap as a second implementation makes it, from docs/format.md alone, over @noble/post-quantum
// (which npm age-encryption 0.3.1 brings) and node's own crypto: npm install age-encryption@0.3.1 && node wrap.mjs
import { createCipheriv, createHash, createHmac } from "node:crypto";
import { MLKEM768X25519 } from "@noble/post-quantum/hybrid.js";

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const length = (part) => { const four = Buffer.alloc(4); four.writeUInt32LE(part.length); return four; };
const lp = (part) => Buffer.concat([length(part), part]);
const expand = (hash, key, info, wanted) => {
  let [out, block] = [Buffer.alloc(0), Buffer.alloc(0)];
  for (let counter = 1; out.length < wanted; counter += 1) {
    block = createHmac(hash, key).update(block).update(info).update(Buffer.from([counter])).digest();
    out = Buffer.concat([out, block]);
  }
  return out.subarray(0, wanted);
};
// One chunk is enough here: the payload is short.
const seal = (key, salt, context, plaintext) => {
  const name = Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0");
  const okm = expand("sha512", key, Buffer.concat([name, salt, context]), 76);
  const cipher = createCipheriv("chacha20-poly1305", okm.subarray(0, 32), okm.subarray(32, 44), { authTagLength: 16 });
  const body = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([salt, okm.subarray(44), body]);
};

const seed = sha256("seed");
const [label, context, payload] = ["subrosa/v1/wrap", "subrosa/v1/vector", "payload"].map((text) => Buffer.from(text));
const { publicKey } = MLKEM768X25519.keygen(seed);
const randomness = Buffer.concat([sha256("m"), sha256("x")]);
const { cipherText, sharedSecret } = MLKEM768X25519.encapsulate(publicKey, randomness);
const fingerprint = sha256(lp(Buffer.from("subrosa/v1/wrap/fingerprint")), lp(Buffer.from(publicKey)));
const bound = Buffer.concat([fingerprint, sha256(cipherText), context]);
const key = expand("sha256", sharedSecret, Buffer.concat([lp(label), lp(bound)]), 32);
const wrapped = Buffer.concat([cipherText, seal(key, sha256("salt").subarray(0, 24), label, payload)]);
const hex = { seed, context, payload, fingerprint, wrapped };
console.log(JSON.stringify(Object.fromEntries(Object.entries(hex).map(([name, bytes]) => [name, bytes.toString("hex")])), null, 2));
