// Packs the extension into build/foretype.vsix, with a newer Node where the present one is too old for vsce.
import { spawnSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";

const OLDEST_NODE = 22;
const vsix = "../../build/foretype.vsix";
const vsce = [
  "node_modules/@vscode/vsce/vsce",
  "package",
  "--no-dependencies",
  "--readme-path",
  "dist/README.md",
  "--allow-missing-repository",
  "-o",
  vsix,
];

mkdirSync("../../build", { recursive: true });
const isNewEnough = Number(process.versions.node.split(".")[0]) >= OLDEST_NODE;
const platform = process.platform === "win32" ? "win" : process.platform;
const newer = ["exec", "--yes", `--package=node-${platform}-${process.arch}@24`, "--", "node"];
const { status } = isNewEnough
  ? spawnSync(process.execPath, vsce, { stdio: "inherit" })
  : spawnSync("npm", [...newer, ...vsce], { stdio: "inherit", shell: process.platform === "win32" });
if (status === 0) {
  console.log(`${(statSync(vsix).size / 1000).toFixed(0)} KB`);
}
process.exit(status ?? 1);
