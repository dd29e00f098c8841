import type { Input, Output } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { eventually } from "../../test/support/eventually.ts";
import type { TestNodes } from "../../test/support/nodes.ts";
import * as catalog from "./contract.ts";

type Import = Output<typeof catalog.getImport>;
type UploadId = Input<typeof catalog.startImport>["upload"];

export const admin = { caller: { kind: "admin", id: "test", scopes: ["*"] } } as const;

const columns = ["Handle", "Title", "Vendor", "Type", "Tags", "Published", "Option1 Name", "Option1 Value", "Variant SKU"];
export const header = [...columns, "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Price"].join(",");

interface Cells {
  handle: string;
  title?: string;
  type?: string;
  tags?: string;
  size?: string;
  sku?: string;
  quantity?: number | string;
  price?: string;
  published?: boolean;
}

/** One row: a variant of a product, in the size that makes it a variant. */
export function row({
  handle,
  title = "",
  type = "",
  tags = "",
  size = "M",
  sku = "",
  quantity = 5,
  price = "9.50",
  published = true,
}: Cells): string {
  const code = sku || `${handle}-${size}`.toUpperCase();
  return [
    handle,
    title,
    title && "Acme",
    type,
    `"${tags}"`,
    published,
    title && "Size",
    size,
    code,
    "shopify",
    quantity,
    price,
  ].join(",");
}

export const csv = (...rows: string[]): string => [header, ...rows].join("\n");

/** Uploads a file in pieces and starts its import. */
export async function startImport(
  nodes: TestNodes,
  file: string | Buffer,
  pieceSize = 200,
): Promise<Import & { upload: UploadId }> {
  const upload = newId("upl");
  const bytes = Buffer.from(file);
  for (let index = 0; index * pieceSize < bytes.length; index++) {
    const base64 = bytes.subarray(index * pieceSize, (index + 1) * pieceSize).toString("base64");
    await nodes.call(catalog.receiveUpload, { upload, index, base64 });
  }
  return { ...(await nodes.request(catalog.startImport, { upload }, admin)), upload };
}

/** The import when it is over. */
export const finished = (nodes: TestNodes, id: Import["id"]): Promise<Import> =>
  eventually(async () => {
    const found = await nodes.request(catalog.getImport, { id }, { ...admin, path: ["id"] });
    if (found.status === "running") throw new Error(`the import is still running: ${JSON.stringify(found)}`);
    return found;
  }, 20_000);

/** Imports a file to the end. */
export async function importFile(nodes: TestNodes, file: string | Buffer, pieceSize?: number): Promise<Import> {
  const { id } = await startImport(nodes, file, pieceSize);
  return finished(nodes, id);
}
