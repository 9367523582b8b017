// Junta en uno el módulo que le dan, como haría Vite, con el cliente de esta carpeta.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compileScript, parse } from "vue/compiler-sfc";

const [entrada, salida] = process.argv.slice(2);
const raiz = fileURLToPath(new URL("../../", import.meta.url));

const vue = {
  name: "vue",
  setup: (obra) =>
    obra.onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor } = parse(await readFile(path, "utf8"), { filename: path });
      return { contents: compileScript(descriptor, { id: "receta", inlineTemplate: true }).content };
    }),
};

await build({
  entryPoints: [entrada],
  outfile: salida,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  alias: { "servitech-mensajeria": `${raiz}static/mensajeria/cliente.js` },
  define: { "process.env.NODE_ENV": '"development"' },
  nodePaths: [`${raiz}node_modules`],
  plugins: [vue],
});
