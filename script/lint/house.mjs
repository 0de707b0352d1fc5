/**
 * The house rules that no ready-made lint rule holds, as an oxlint plugin. `tests/lint.test.ts` shows each one firing.
 * docs/architecture.md says what each room is for.
 */

import { dirname, relative, resolve, sep } from "node:path";

/** Which rooms a room may import, besides itself. A room that is not named here may not be imported by anybody but `main.ts`. */
const ROOMS = {
  domain: [],
  ports: ["domain"],
  runtime: ["domain", "ports"],
  config: ["domain"],
  reconcilers: ["domain", "ports", "runtime"],
  adapters: ["domain", "ports"],
  http: ["domain", "ports", "runtime", "config", "reconcilers"],
  portal: ["domain", "ports", "runtime", "config", "reconcilers"],
  ui: ["domain"],
  commands: ["domain", "ports", "runtime", "config", "reconcilers", "http", "portal"],
  app: ["domain", "ports", "runtime", "config", "reconcilers", "adapters", "http", "portal", "commands"],
  "app.ts": ["domain", "ports", "runtime", "config", "reconcilers", "adapters", "http", "portal", "commands", "app"],
  "main.ts": ["domain", "ports", "runtime", "config", "reconcilers", "adapters", "http", "portal", "commands", "app.ts"],
};

/** What an adapter throws to tell the loop what to do, a wait that a signal ends, and how long a retry waits: adapters may know no more of the runtime. */
const FOR_ADAPTERS = new Set(["runtime/outcome.ts", "runtime/unless-aborted.ts", "runtime/backoff.ts"]);

/** Mechanics of the network that know no vendor: every adapter may use them. */
const MECHANICS = new Set(["adapters/system/http-exchange.ts", "adapters/system/udp-binding.ts"]);

/** Modules that wait, run programs or reach the network: the adapters' alone. */
const OUTSIDE_WORLD = new Set(
  "child_process cluster dgram dns dns/promises http http2 https net perf_hooks timers timers/promises tls worker_threads".split(" "),
);

const BAD_WORD = /(?:^|-)(?:utils?|helpers?|common|managers?|services?)(?:-|$)/;
const BAD_NAME = /(?:Utils?|Helpers?|Common|Manager|Service)$/;

/** The path inside the nearest folder called `src`, with forward slashes, or undefined for a file elsewhere. */
function insideSource(path, root) {
  const parts = relative(root, path).split(sep);
  const at = parts.indexOf("src");
  return at < 0 ? undefined : parts.slice(at + 1).join("/");
}

function roomOf(path) {
  return path.split("/")[0] ?? path;
}

/** Calls `visit(source, node)` for every module that a file imports or re-exports, dynamic imports of a literal included. */
function everyImport(visit) {
  const named = (node) => node.source && typeof node.source.value === "string" && visit(node.source.value, node);
  return { ImportDeclaration: named, ExportNamedDeclaration: named, ExportAllDeclaration: named, ImportExpression: named };
}

function complaint(from, source, file, root) {
  const room = roomOf(from);
  if (source.startsWith("node:")) {
    if (room === "domain") return `the domain decides from given values: it imports nothing of Node (${source})`;
    if (OUTSIDE_WORLD.has(source.slice("node:".length)) && room !== "adapters") return `${source} belongs to src/adapters: use a port`;
    return undefined;
  }
  if (!source.startsWith(".")) return undefined;
  const target = insideSource(resolve(dirname(file), source), root);
  if (target === undefined && room === "main.ts" && source === "../package.json") return undefined;
  if (target === undefined) return `src imports nothing outside src (${source})`;
  const other = roomOf(target);
  if (room === "adapters" && other === "adapters") {
    const [, own] = from.split("/");
    const [, theirs] = target.split("/");
    return own === theirs || MECHANICS.has(target) ? undefined : `the adapters of ${own} do not know those of ${theirs}: use a port`;
  }
  if (room === "adapters" && FOR_ADAPTERS.has(target)) return undefined;
  if (other === room || (ROOMS[room] ?? []).includes(other)) return undefined;
  return `${room} may not import ${other}: dependencies point inwards (docs/architecture.md)`;
}

const rooms = {
  create(context) {
    const from = insideSource(context.filename, context.cwd);
    if (from === undefined) return {};
    return everyImport((source, node) => {
      const message = complaint(from, source, context.filename, context.cwd);
      if (message !== undefined) context.report({ node, message });
    });
  },
};

const noEnum = {
  create(context) {
    return {
      TSEnumDeclaration: (node) => context.report({ node, message: "no enum: a union of literals, or a const object" }),
    };
  },
};

/** `export * from`, and files that only pass on what others export. */
const noBarrel = {
  create(context) {
    return {
      ExportAllDeclaration: (node) => context.report({ node, message: "no barrel: import from the file that has it" }),
      Program(program) {
        const passesOn = (node) => node.type === "ExportNamedDeclaration" && node.source;
        if (program.body.length > 0 && program.body.every(passesOn)) {
          context.report({ node: program.body[0], message: "no barrel: this file only passes on what others export" });
        }
      },
    };
  },
};

const noVagueName = {
  create(context) {
    const declared = (node) => {
      if (node.id && BAD_NAME.test(node.id.name))
        context.report({ node: node.id, message: `${node.id.name} says nothing: name what it does` });
    };
    return {
      Program(node) {
        const name = context.filename.split(sep).pop()?.replace(/\..*$/, "") ?? "";
        if (BAD_WORD.test(name) || name === "index")
          context.report({ node, message: `a file called ${name} says nothing: name its one idea` });
      },
      ClassDeclaration: declared,
      FunctionDeclaration: declared,
      TSInterfaceDeclaration: declared,
      TSTypeAliasDeclaration: declared,
    };
  },
};

function isEmptyCollection(node) {
  if (!node) return false;
  if (node.type === "TSAsExpression" || node.type === "TSSatisfiesExpression") return isEmptyCollection(node.expression);
  if (node.type === "ArrayExpression") return node.elements.length === 0;
  if (node.type === "ObjectExpression") return node.properties.length === 0;
  return node.type === "NewExpression" && /^(?:Weak)?(?:Map|Set)$/.test(node.callee.name ?? "") && node.arguments.length === 0;
}

function isReadonly(type) {
  return type?.type === "TSTypeOperator" || (type?.type === "TSTypeReference" && (type.typeName.name ?? "").startsWith("Readonly"));
}

/** State that outlives its owner: `let` at the top of a module, a collection that starts empty there, a static field that is not readonly. */
const noModuleState = {
  create(context) {
    const check = (declaration) => {
      if (declaration?.type !== "VariableDeclaration") return;
      const changes = declaration.kind === "let" || declaration.kind === "var";
      if (
        changes ||
        declaration.declarations.some((one) => isEmptyCollection(one.init) && !isReadonly(one.id.typeAnnotation?.typeAnnotation))
      ) {
        context.report({ node: declaration, message: "no state in a module: give it to the object that owns it" });
      }
    };
    return {
      Program: (program) => program.body.forEach((node) => check(node.type === "ExportNamedDeclaration" ? node.declaration : node)),
      PropertyDefinition(node) {
        if (node.static && (!node.readonly || isEmptyCollection(node.value))) {
          context.report({ node, message: "no state on a class: give it to the object that owns it" });
        }
      },
    };
  },
};

const noBaseClass = {
  create(context) {
    return {
      ClassDeclaration(node) {
        if (node.abstract) context.report({ node, message: "no base class: pass in what differs" });
        const parent = node.superClass;
        if (parent && !(parent.type === "Identifier" && parent.name.endsWith("Error"))) {
          context.report({ node: parent, message: "no base class but Error's: pass in what differs" });
        }
      },
    };
  },
};

function onlyAssigns(statement) {
  if (statement.type !== "ExpressionStatement") return false;
  const { expression } = statement;
  if (expression.type === "CallExpression") return expression.callee.type === "Super";
  return (
    expression.type === "AssignmentExpression" &&
    expression.left.type === "MemberExpression" &&
    expression.left.object.type === "ThisExpression"
  );
}

const plainConstructor = {
  create(context) {
    return {
      MethodDefinition(node) {
        if (node.kind !== "constructor") return;
        for (const statement of node.value.body?.body ?? []) {
          if (!onlyAssigns(statement)) context.report({ node: statement, message: "a constructor only assigns" });
        }
      },
    };
  },
};

/** `new Date()` reads the clock; `new Date(value)` does not. */
const noHiddenClock = {
  create(context) {
    return {
      NewExpression(node) {
        if (node.callee.name === "Date" && node.arguments.length === 0)
          context.report({ node, message: "ask the Clock port for the time" });
      },
    };
  },
};

const noShell = {
  create(context) {
    return {
      Property(node) {
        const name = node.key.name ?? node.key.value;
        if (name === "shell" && node.value.value !== false) context.report({ node, message: "no shell: pass an argument list" });
      },
      ImportSpecifier(node) {
        const name = node.imported.name ?? node.imported.value;
        if (/^(?:exec|execSync|execaCommand|execaCommandSync)$/.test(name)) {
          context.report({ node, message: `${name} takes a command line: pass an argument list` });
        }
      },
    };
  },
};

export default {
  meta: { name: "house" },
  rules: {
    rooms,
    "no-enum": noEnum,
    "no-barrel": noBarrel,
    "no-vague-name": noVagueName,
    "no-module-state": noModuleState,
    "no-base-class": noBaseClass,
    "plain-constructor": plainConstructor,
    "no-hidden-clock": noHiddenClock,
    "no-shell": noShell,
  },
};
