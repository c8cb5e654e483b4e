// The rule as the builder holds it, and its JSON. docs/segments.md tells the form of the JSON.
//
// A group is { mode, items }, a condition { trait, op, value }; `mode` is how the items of a group
// are joined. JSON says "none of" as {"not": {"any": […]}} and "not all" as {"not": {"all": […]}}.

export const MODES = ["all", "any", "none", "not_all"];

const ACTIVITIES = ["activity", "activity_times"];

/** The root is always a group; what cannot be read becomes an empty one. */
export function readRule(json) {
  const node = read(json);
  if (!node) return { mode: "all", items: [] };
  return node.items ? node : { mode: "all", items: [node] };
}

function read(json) {
  if (Array.isArray(json?.all)) return readGroup("all", json.all);
  if (Array.isArray(json?.any)) return readGroup("any", json.any);
  if (json?.not) return negate(read(json.not));
  if (typeof json?.trait !== "string") return null;
  return { trait: json.trait, op: String(json.op ?? ""), value: json.value };
}

function readGroup(mode, nodes) {
  return { mode, items: nodes.map(read).filter(Boolean) };
}

function negate(node) {
  if (!node) return null;
  if (!node.items) return { mode: "none", items: [node] };
  const opposite = { all: "not_all", any: "none", none: "any", not_all: "all" };
  return { ...node, mode: opposite[node.mode] };
}

/** The JSON of the tree, and by JSON pointer the node that stands there. */
export function writeRule(root, { isWanted = () => true } = {}) {
  const places = new Map();
  const rule = write(root, "", places, isWanted) ?? { all: [] };
  return { rule, places };
}

function write(node, path, places, isWanted) {
  if (!node.items) {
    places.set(path, node);
    const { trait, op, value } = node;
    return value === undefined ? { trait, op } : { trait, op, value };
  }
  const isNegative = node.mode === "none" || node.mode === "not_all";
  const joined = node.mode === "all" || node.mode === "not_all" ? "all" : "any";
  const inner = isNegative ? `${path}/not` : path;
  places.set(path, node);
  const wanted = node.items.filter((item) => (item.items ? hasWanted(item, isWanted) : isWanted(item)));
  if (!wanted.length && path) return null;
  const nodes = wanted.map((item, place) => write(item, `${inner}/${joined}/${place}`, places, isWanted));
  if (!nodes.length) return { all: [] };
  return isNegative ? { not: { [joined]: nodes } } : { [joined]: nodes };
}

function hasWanted(group, isWanted) {
  return group.items.some((item) => (item.items ? hasWanted(item, isWanted) : isWanted(item)));
}

/** How deep the JSON of a node is; a "not" is a level of its own. */
export function countLevels(node) {
  if (!node.items) return 1;
  const own = node.mode === "none" || node.mode === "not_all" ? 2 : 1;
  return own + Math.max(0, ...node.items.map(countLevels));
}

export function listConditions(node) {
  return node.items ? node.items.flatMap(listConditions) : [node];
}

/** Whether everything that the operator asks for is filled in. */
export function isComplete(condition, operator) {
  const { value } = condition;
  if (!operator) return false;
  if (operator.input === "none") return true;
  if (operator.input === "choices") return value?.length > 0;
  if (ACTIVITIES.includes(operator.input)) return value?.of?.length > 0 && value.days !== "" && value.times !== "";
  if (Array.isArray(value)) return value.length === 2 && value.every(isGiven);
  return isGiven(value);
}

function isGiven(value) {
  return value !== undefined && value !== null && value !== "";
}

/** What an operator starts with; a value of the same shape is kept. */
export function startingValue(operator, before) {
  switch (operator.input) {
    case "none":
      return undefined;
    case "choices":
      return Array.isArray(before) ? before : (before?.of ?? []);
    case "activity":
    case "activity_times":
      return { of: before?.of ?? (Array.isArray(before) ? before : []), ...(before?.days !== undefined && { days: before.days }) };
    case "numbers":
    case "dates":
      return Array.isArray(before) ? before : ["", ""];
    default:
      return typeof before === "object" || before === undefined ? "" : before;
  }
}
