/** Builds the phone page's service worker after the pages, with the list of files that it keeps. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build, type Plugin, type Rollup } from "vite";

const NAME = "phone-worker";
/** Beside what the build makes; `public/` holds them. */
const STANDING = ["/favicon.svg", "/phone.webmanifest"];

type Bundle = Rollup.OutputBundle;

/** Files that `start` needs, those that it loads later included; slices of the typeface left out. */
function reached(bundle: Bundle, start: Rollup.OutputChunk): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const part = bundle[name];
    if (!part || found.has(name)) return;
    found.add(name);
    if (part.type !== "chunk") return;
    const { importedCss = [], importedAssets = [] } = (part.viteMetadata ?? {}) as {
      importedCss?: Iterable<string>;
      importedAssets?: Iterable<string>;
    };
    for (const next of [...part.imports, ...part.dynamicImports, ...importedCss, ...importedAssets]) visit(next);
  };
  visit(start.fileName);
  return [...found].filter((name) => !/\.woff2?$/.test(name)).map((name) => `/${name}`).sort();
}

export function phoneWorker(): Plugin {
  let files: string[] = [];
  let folder = "";
  return {
    name: NAME,
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    writeBundle(_options, bundle) {
      const start = Object.values(bundle as Bundle).find(
        (part): part is Rollup.OutputChunk => part.type === "chunk" && part.isEntry && part.name === "phone",
      );
      if (!start) throw new Error("the build has no entry named phone");
      files = [...reached(bundle as Bundle, start), ...STANDING];
    },
    async closeBundle() {
      const version = createHash("sha256");
      for (const file of ["/phone.html", ...files]) version.update(readFileSync(folder + file));
      await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define: { VERSION: JSON.stringify(version.digest("hex").slice(0, 16)), FILES: JSON.stringify(files) },
        build: {
          outDir: folder,
          emptyOutDir: false,
          target: "es2022",
          lib: {
            entry: resolve(import.meta.dirname, "src/phone/service-worker.ts"),
            formats: ["iife"],
            name: "phoneWorker",
            fileName: () => `${NAME}.js`,
          },
        },
      });
    },
  };
}
