import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { brickwork, type Shop, SHAPES, startShop } from "../support/shop.ts";
import { type Shopper, shopper } from "../support/shopper.ts";

const HEADER =
  "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src";
const row = (...cells: (string | number)[]) => cells.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(",");
const file = (blueInStock: number) =>
  [
    HEADER,
    row(
      "sun-hat",
      "Sonnenhut 모자",
      '<p>Light.</p><script>alert("x")</script>\n<b onclick="x()">Airy.</b>',
      "Acme",
      "Hats",
      "Summer, Straw",
      "true",
      "Color",
      "Blue",
      "HAT-BLUE",
      "shopify",
      blueInStock,
      "deny",
      "19.90",
      "25",
      "",
    ),
    row("sun-hat", "", "", "", "", "", "", "", "Red", "", "", 0, "deny", "21.00", "", ""),
    row("sun-hat", "", "", "", "", "", "", "", "Green", "HAT-GREEN", "shopify", 3, "deny", "free", "", ""),
  ].join("\n");

describe.each(SHAPES)("%s", (shape) => {
  let shop: Shop;
  let ada: Shopper;
  let folder: string;
  beforeAll(async () => {
    [shop, folder] = await Promise.all([startShop({ seed: "empty", shape }), mkdtemp(join(tmpdir(), "brickwork-import-"))]);
    ada = shopper(shop);
  }, 60_000);
  afterAll(async () => {
    await shop[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function importing(text: string) {
    const path = join(folder, "products.csv");
    await writeFile(path, text);
    return brickwork("import", path, "--data", shop.data);
  }

  test("products come in with their variants, bad lines are named, and what came in is for sale", async () => {
    const first = await importing(file(5));
    expect(first.stdout).toContain("2 variants created, 0 updated, 0 unchanged, 1 failed");
    expect(first.stderr).toMatch(/100 %/);
    expect(first.stderr).toMatch(/line 5, Variant Price: /);
    expect(first.code).toBe(1);
    const [item] = await ada.find("모자");
    const hat = await ada.product(item!.handle);
    expect(hat).toMatchObject({
      title: "Sonnenhut 모자",
      options: [{ name: "Color", values: ["Blue", "Red"] }],
      tags: ["Summer", "Straw"],
    });
    expect(hat.description).not.toMatch(/script|alert|onclick/);
    const [blue, red] = hat.variants;
    expect(blue).toMatchObject({ sku: "HAT-BLUE", available: 5, price: { amount: 1990 }, compareAtPrice: { amount: 2500 } });
    // A blank tracker means that stock is not counted, a blank SKU gets a stable one.
    expect(red).toMatchObject({ available: null });
    for (const { id } of hat.variants) {
      const cart = await ada.fullCart(id);
      expect((await ada.checkout(cart.id)).status).toBe(201);
    }
    expect(await ada.stock("HAT-BLUE")).toMatchObject({ onHand: 4 });
  });

  test("importing again changes stock only where the file says another quantity than before", async () => {
    const good = (quantity: number) => file(quantity).split("\n").slice(0, 4).join("\n");
    const same = await importing(good(5));
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout).toContain("0 variants created, 0 updated, 2 unchanged, 0 failed");
    expect(await ada.stock("HAT-BLUE")).toMatchObject({ onHand: 4 });
    expect((await importing(good(9))).stdout).toContain("1 updated");
    expect(await ada.stock("HAT-BLUE")).toMatchObject({ onHand: 9 });
  });

  test("an export is a file that changes nothing, whatever was sold since, and is there in full or not at all", async () => {
    const [item] = await ada.find("모자");
    const { variants } = await ada.product(item!.handle);
    expect((await ada.checkout((await ada.fullCart(variants[0]!.id)).id)).status).toBe(201);
    const path = join(folder, "exported.csv");
    const done = await brickwork("export", path, "--data", shop.data);
    expect(done).toMatchObject({ code: 0, stdout: `Exported 1 products to ${path}.\n` });
    expect(done.stderr).toMatch(/100 %/);
    const text = await readFile(path, "utf8");
    expect((await importing(text)).stdout).toContain("0 variants created, 0 updated, 2 unchanged, 0 failed");
    expect(await ada.stock("HAT-BLUE")).toMatchObject({ onHand: 8 });

    const nowhere = await brickwork("export", join(folder, "none", "x.csv"), "--data", shop.data);
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringMatching(/^brickwork: Cannot write .*\n$/) });
    expect((await readdir(folder)).toSorted()).toEqual(["exported.csv", "products.csv"]);
  });

  test("a file that cannot be read is refused with a reason", async () => {
    expect((await importing("a,b\n1,2")).code).toBe(1);
    expect((await brickwork("import", join(folder, "none.csv"), "--data", shop.data)).stderr).toMatch(
      /^brickwork: There is no file .*none.csv\.\n$/,
    );
    expect((await brickwork("import", join(folder, "products.csv"), "--data", folder)).stderr).toContain("No shop is running on");
  });
});
