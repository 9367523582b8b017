import js from "@eslint/js";
import globals from "globals";

// Nada de lo que escribe una persona pasa por HTML: los elementos se hacen con `el` (`pagina/dom.js`).
const POR_HTML = ["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe"];

// Lo que se ve se dice con `t`, en el idioma de cada cual (`pagina/idioma.js`).
const FUERA = ":not(CallExpression[callee.name=/^(t|tn)$/], ImportDeclaration, ImportExpression)";
const VISIBLES = "/^(texto|aria-label|placeholder|title|etiqueta|titulo)$/";
const SIN_IDIOMA = [
  `${FUERA} > Literal[value=/[áéíóúñ¿¡«]|^(?!(Backspace|Enter|Escape|Tab|Arrow|Home|End|Page|Files|Word|Excel))[A-Z][a-zñ]/]`,
  `TemplateElement[value.raw=/[áéíóúñ¿¡…«]|^[A-Z][a-z]+ |[A-Za-z]{2,} [a-z]{2,}/]`,
  `Property:matches([key.name=${VISIBLES}], [key.value=${VISIBLES}]) > Literal.value[value=/[a-z]{2}/]`,
  "CallExpression[callee.name=/^(avisar|anunciar|oculto)$/] > Literal.arguments:first-child",
].map((selector) => ({ selector, message: "Lo que se ve va con `t` (pagina/idioma.js)" }));

export default [
  { ignores: ["**/estaticos/", "**/.venv*/", "static/terceros/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      // La página quita a propósito los controles de lo que escriben otros.
      "no-control-regex": "off",
      "no-empty": ["error", { allowEmptyCatch: true }],
      "no-eval": "error",
      "no-implicit-globals": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-unused-vars": ["error", { caughtErrors: "all" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["static/**/*.js"],
    languageOptions: { sourceType: "module", globals: globals.browser },
    rules: {
      "no-console": ["error", { allow: ["error"] }],
      "no-restricted-properties": ["error", ...POR_HTML.map((property) => ({ property }))],
    },
  },
  {
    files: ["static/mensajeria/pagina/*.js"],
    ignores: ["static/mensajeria/pagina/ingles.js", "static/mensajeria/pagina/emojis.js"],
    rules: { "no-restricted-syntax": ["error", ...SIN_IDIOMA] },
  },
  {
    files: ["static/mensajeria/pagina/tema_inicial.js"],
    languageOptions: { sourceType: "script" },
  },
  {
    files: ["bancos/**/*.js", "tests/**/*.js"],
    languageOptions: { sourceType: "commonjs", globals: globals.node },
  },
];
