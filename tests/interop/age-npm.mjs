// age-encryption from npm, as a command:
//   identity OUT · recipient IDENTITY · seal RECIPIENT IN OUT · open IDENTITY IN OUT
import { readFileSync, writeFileSync } from "node:fs";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

const text = (path) => readFileSync(path, "utf8").trim();

const commands = {
  async identity(out) {
    writeFileSync(out, `${await generateHybridIdentity()}\n`);
  },
  async recipient(identity) {
    console.log(await identityToRecipient(text(identity)));
  },
  async seal(recipient, from, to) {
    const encrypter = new Encrypter();
    encrypter.addRecipient(text(recipient));
    writeFileSync(to, await encrypter.encrypt(readFileSync(from)));
  },
  async open(identity, from, to) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(text(identity));
    writeFileSync(to, await decrypter.decrypt(readFileSync(from)));
  },
};

const [name, ...rest] = process.argv.slice(2);
await commands[name](...rest);
