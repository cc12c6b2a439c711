// Bundles the extension into dist/, with the licences of what is in the bundle.
import { build } from "esbuild";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const { metafile } = await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  minify: true,
  metafile: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
});

async function licence(folder) {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined ? "see its package" : readFile(join(folder, file), "utf8");
}

const folders = Object.keys(metafile.inputs).map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
const notices = [];
for (const folder of [...new Set(folders)].filter((folder) => folder !== undefined).sort()) {
  notices.push(`${folder.replace(/^.*node_modules\//, "")}\n\n${await licence(folder)}`);
}
await writeFile("dist/NOTICES.txt", notices.join("\n\n---\n\n"));

// pictures and pages beside the repository's README are not beside the packed one
const readme = await readFile("README.md", "utf8");
const packed = readme.replace(/^!\[.*\n\n/gm, "").replace(/\[([^\]]+)\]\(\.\.[^)]*\)/g, "$1");
await writeFile("dist/README.md", packed);
await copyFile("../../LICENSE", "LICENSE");
