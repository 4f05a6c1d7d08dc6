// A real personal data server of Bluesky with a directory of its own, on loopback, in a folder that is thrown away.
// It prints one line of JSON when it is ready: where the two listen, and the one account that there is.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

import { PDS, envToCfg, envToSecrets } from "@atproto/pds";
import { Database, PlcServer } from "@did-plc/server";

const folder = process.argv[2];
const hex = (bytes) => randomBytes(bytes).toString("hex");
const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const plcPort = await freePort();
const plc = PlcServer.create({ db: Database.mock(), port: plcPort });
await plc.start();

const port = await freePort();
mkdirSync(path.join(folder, "blobs"), { recursive: true });
const env = {
  devMode: true,
  port,
  hostname: "localhost",
  serviceHandleDomains: [".test"],
  inviteRequired: false,
  disableSsrfProtection: true,
  didPlcUrl: `http://localhost:${plcPort}`,
  dataDirectory: folder,
  blobstoreDiskLocation: path.join(folder, "blobs"),
  jwtSecret: hex(16),
  dpopSecret: hex(32),
  adminPassword: hex(16),
  plcRotationKeyK256PrivateKeyHex: hex(32),
  bskyAppViewUrl: "https://appview.invalid",
  bskyAppViewDid: "did:web:appview.invalid",
};
const pds = await PDS.create(envToCfg(env), envToSecrets(env));
await pds.start();

const base = `http://localhost:${port}`;
const account = { handle: "aino.test", email: "aino@koivu.test", password: hex(12) };
const made = await fetch(`${base}/xrpc/com.atproto.server.createAccount`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(account),
});
if (!made.ok) throw new Error(`no account: ${made.status} ${await made.text()}`);
const { did } = await made.json();
console.log(JSON.stringify({ pds: base, plc: `http://localhost:${plcPort}`, did, ...account }));
