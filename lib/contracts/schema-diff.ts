import type { Json } from "../json.ts";
import { alternatives, isSchema, isWithin, type Schema, typeOf } from "./alternatives.ts";
import { admits, narrowings } from "./limits.ts";

/**
 * Who writes the value and who reads it, when two releases run side by side.
 * - `input`: a caller of the last release writes, the new service reads;
 * - `output`: the new service writes, a caller of the last release reads;
 * - `announced`: as `output`, for an event: its subscriber parses what it reads, so the limits count too;
 * - `unread`: the last release announced the event, a new subscriber reads it: feeds are read from their beginning.
 */
export type Passage = "input" | "output" | "announced" | "unread";

/** What would break, where: `{ at: "input.lines[].quantity", what: "was integer, is string" }`. */
export interface Break {
  readonly at: string;
  readonly what: string;
}

interface Place {
  readonly at: string;
  readonly passage: Passage;
  readonly writerRoot: Schema;
  readonly readerRoot: Schema;
  /** Pairs that are being compared further up: a schema that contains itself ends here. */
  readonly open: ReadonlySet<string>;
}

/** Everything in which a schema stopped serving those who rely on the one of the last release. */
export function diffSchemas(before: Schema, after: Schema, passage: Passage, at: string): Break[] {
  const [writer, reader] = isNewReader(passage) ? [before, after] : [after, before];
  return diff(writer, reader, { at, passage, writerRoot: writer, readerRoot: reader, open: new Set() });
}

const isNewReader = (passage: Passage): boolean => passage === "input" || passage === "unread";

function diff(writer: Json | undefined, reader: Json | undefined, place: Place): Break[] {
  const pair = `${JSON.stringify(writer)} ${JSON.stringify(reader)}`;
  if (place.open.has(pair)) return [];
  const here = { ...place, open: new Set([...place.open, pair]) };
  const written = alternatives(writer, place.writerRoot);
  const readable = alternatives(reader, place.readerRoot);
  const mismatch = typeChange(written, readable, here);
  if (mismatch) return [mismatch];
  const breaks = written.flatMap((one) => accept(one, readable, here));
  return [...new Map(breaks.map((found) => [`${found.at} ${found.what}`, found])).values()];
}

/** One line in place of one for each alternative, when nothing of what is written can be read. */
function typeChange(written: readonly Schema[], readable: readonly Schema[], { at, passage }: Place): Break | undefined {
  const isReadable = (one: Schema) => readable.some((other) => isTyped(one, other));
  if (written.length === 0 || written.some(isReadable)) return undefined;
  const [was, is] = isNewReader(passage) ? [written, readable] : [readable, written];
  return { at, what: `was ${typesOf(was)}, is ${typesOf(is)}` };
}

function typesOf(list: readonly Schema[]): string {
  const types = new Set(list.map((one) => typeOf(one) ?? "anything"));
  return [...types].join(" or ") || "nothing";
}

function isTyped(written: Schema, readable: Schema): boolean {
  const [own, other] = [typeOf(written), typeOf(readable)];
  return other === undefined || (own !== undefined && isWithin(own, other));
}

function accept(written: Schema, readable: readonly Schema[], place: Place): Break[] {
  if ("const" in written && readable.some((other) => admits(other, written.const!))) return [];
  const candidates = readable.filter((other) => isTyped(written, other) && !isOther(written, other, place));
  const isOpen = candidates.filter((other) => !("const" in other));
  if ("const" in written || isOpen.length === 0) return [refused(written, place)];
  const results = isOpen.map((other) => diffAlternative(written, other, place));
  return results.toSorted((one, other) => one.length - other.length)[0]!;
}

function refused(written: Schema, { at, passage }: Place): Break {
  return { at, what: isNewReader(passage) ? `no longer takes ${labelOf(written)}` : `may now be ${labelOf(written)}` };
}

function labelOf(alternative: Schema): string {
  if ("const" in alternative) return JSON.stringify(alternative.const);
  const fields = Object.entries(propertiesOf(alternative)).filter(([, field]) => isSchema(field) && "const" in field);
  if (fields.length === 0) return `any ${typeOf(alternative) ?? "value"}`;
  return `{ ${fields.map(([name, field]) => `${name}: ${JSON.stringify((field as Schema).const)}`).join(", ")} }`;
}

/** Two objects that a field tells apart, such as the `outcome` of a union. */
function isOther(written: Schema, readable: Schema, { writerRoot, readerRoot }: Place): boolean {
  const [ours, theirs] = [propertiesOf(written), propertiesOf(readable)];
  return Object.keys(ours).some((name) => {
    if (!(name in theirs)) return false;
    const values = alternatives(ours[name], writerRoot);
    const known = alternatives(theirs[name], readerRoot);
    const isTag = values.length > 0 && [...values, ...known].every((one) => typeof one.const === "string");
    return isTag && !values.some((one) => known.some((other) => other.const === one.const));
  });
}

const propertiesOf = ({ properties }: Schema): Schema => (isSchema(properties) ? properties : {});

function diffAlternative(written: Schema, readable: Schema, place: Place): Break[] {
  return [
    ...limitBreaks(written, readable, place),
    ...fieldBreaks(written, readable, place),
    ...(typeOf(readable) === "array" ? itemBreaks(written, readable, place) : []),
    ...recordBreaks(written, readable, place),
  ];
}

/** Callers do not parse an output, so a wider limit hurts none of them; another pattern or format is another kind of value. */
const FREE_IN_OUTPUT = /^(min|max|exclusive|multipleOf)/;

function limitBreaks(written: Schema, readable: Schema, { at, passage }: Place): Break[] {
  const found = narrowings(written, readable).filter(({ keyword }) => passage !== "output" || !FREE_IN_OUTPUT.test(keyword));
  return found.map(({ keyword, writes, reads }) => {
    const [was, is] = isNewReader(passage) ? [writes, reads] : [reads, writes];
    return { at, what: `${keyword} was ${JSON.stringify(was) ?? "free"}, is ${JSON.stringify(is) ?? "free"}` };
  });
}

const namesIn = (list: Json | undefined): readonly string[] => (Array.isArray(list) ? list.map(String) : []);

/** A field with a default is always in what was parsed before it was written. */
function alwaysWritten(written: Schema, passage: Passage): Set<string> {
  const withDefault = Object.entries(propertiesOf(written)).filter(([, field]) => isSchema(field) && "default" in field);
  return new Set([...namesIn(written.required), ...(passage === "input" ? [] : withDefault.map(([name]) => name))]);
}

function fieldBreaks(written: Schema, readable: Schema, place: Place): Break[] {
  const [ours, theirs] = [propertiesOf(written), propertiesOf(readable)];
  const always = alwaysWritten(written, place.passage);
  const missing = namesIn(readable.required).filter((name) => !always.has(name));
  const shared = Object.keys(ours).filter((name) => name in theirs);
  const dropped = Object.keys(ours).filter((name) => !(name in theirs) && !isRecord(readable));
  const inside = (name: string): Place => ({ ...place, at: `${place.at}.${name}` });
  return [
    ...missing.map((name) => ({ at: inside(name).at, what: missingWords(name in ours, place.passage) })),
    ...shared.flatMap((name) => diff(ours[name], theirs[name], inside(name))),
    ...(place.passage === "input" ? dropped.map((name) => ({ at: inside(name).at, what: "was removed" })) : []),
  ];
}

function missingWords(isKnown: boolean, passage: Passage): string {
  if (passage === "input") return isKnown ? "is required now" : "is new and required";
  if (passage === "unread")
    return isKnown ? "is required now, and unread events may lack it" : "is new and required, and unread events lack it";
  return isKnown ? "may be missing now" : "was removed";
}

function itemBreaks(written: Schema, readable: Schema, place: Place): Break[] {
  const [ours, theirs] = [positions(written), positions(readable)];
  if (ours.length !== theirs.length) return [{ at: place.at, what: "has another number of places" }];
  return [
    ...ours.flatMap((item, index) => diff(item, theirs[index], { ...place, at: `${place.at}[${index}]` })),
    ...diff(written.items, readable.items, { ...place, at: `${place.at}[]` }),
  ];
}

const positions = ({ prefixItems }: Schema): readonly Json[] => (Array.isArray(prefixItems) ? prefixItems : []);

/** An object that takes fields of any name. */
const isRecord = ({ additionalProperties }: Schema): boolean => isSchema(additionalProperties) || additionalProperties === true;

function recordBreaks(written: Schema, readable: Schema, place: Place): Break[] {
  const [ours, theirs] = [propertiesOf(written), propertiesOf(readable)];
  const field = (name: string): Place => ({ ...place, at: `${place.at}.${name}` });
  const values = { ...place, at: `${place.at}{}` };
  const onlyIn = (one: Schema, other: Schema) => Object.keys(one).filter((name) => !(name in other));
  if (!isRecord(written) && !isRecord(readable)) return [];
  if (!isRecord(written))
    return onlyIn(ours, theirs).flatMap((name) => diff(ours[name], readable.additionalProperties, field(name)));
  const named = onlyIn(theirs, ours).flatMap((name) => diff(written.additionalProperties, theirs[name], field(name)));
  if (!isRecord(readable)) return place.passage === "input" ? [{ at: values.at, what: "was removed" }, ...named] : named;
  const keys = readable.propertyNames === undefined ? [] : diff(written.propertyNames ?? {}, readable.propertyNames, values);
  return [...keys, ...named, ...diff(written.additionalProperties, readable.additionalProperties, values)];
}
