import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { type Shop, startShop } from "./gateway.support.ts";

const WINDOW = "/store/v1/window";
const SIZE = 100_000;

const takeAway = (shop: Shop) => shop.inside.destroyService(shop.inside.getLocalService("things"));

test("while its service is away a public read gets its last answer, which says how old it is and that it could not be renewed", async () => {
  await using shop = await startShop();
  const fresh = await shop.ask(`${WINDOW}?size=9`);
  expect([fresh.status, fresh.headers.age, fresh.headers.warning]).toEqual([200, undefined, undefined]);
  await takeAway(shop);

  const older = await shop.ask(`${WINDOW}?size=9`);
  expect([older.status, older.text]).toEqual([200, fresh.text]);
  expect(older.headers).toMatchObject({
    age: expect.stringMatching(/^\d+$/),
    warning: '111 - "Revalidation Failed"',
    etag: fresh.headers.etag,
    "cache-control": fresh.headers["cache-control"],
    "content-type": fresh.headers["content-type"],
  });
  const known = await shop.ask(`${WINDOW}?size=9`, { headers: { "if-none-match": fresh.headers.etag! } });
  expect([known.status, known.text, known.headers.warning]).toEqual([304, "", older.headers.warning]);
  const head = await shop.ask(`${WINDOW}?size=9`, { method: "HEAD" });
  expect([head.status, head.text]).toEqual([200, ""]);
  expect((await shop.ask("/metrics")).text).toContain("brickwork_http_older_answers_total 3\n");

  shop.inside.createService(shop.things);
  await eventually(async () => expect((await shop.ask(`${WINDOW}?size=9`)).headers.warning).toBeUndefined());
});

test("nobody gets another question's answer, a wrong key no answer, and what may not be shared is not kept", async () => {
  await using shop = await startShop();
  const asked = [WINDOW, "/store/v1/things", "/store/v1/things/t1", "/admin/v1/secret"];
  for (const path of asked) expect((await shop.ask(path, { headers: shop.admin })).status).toBe(200);
  await takeAway(shop);
  const status = async (path: string, authorization: string) => (await shop.ask(path, { headers: { authorization } })).status;
  expect(await status(WINDOW, "Bearer wrong")).toBe(401);
  const { authorization } = shop.admin;
  const again = await Promise.all([...asked, `${WINDOW}?size=1`].map((path) => status(path, authorization)));
  expect(again).toEqual([200, 503, 503, 503, 503]);
});

test("an answer is not shown for longer than its Cache-Control allows", async () => {
  await using shop = await startShop();
  const status = async () => (await shop.ask("/store/v1/glimpse")).status;
  expect(await status()).toBe(200);
  await takeAway(shop);
  expect(await status()).toBe(200);
  await eventually(async () => expect(await status()).toBe(503));
});

test("the memory for answers has an end: a very large one is not kept, and the oldest ones make room", async () => {
  await using shop = await startShop();
  const path = (number: number) => `${WINDOW}?size=${SIZE + number}`;
  for (const number of [2 * SIZE, ...Array(100).keys()]) expect((await shop.ask(path(number))).status).toBe(200);
  await takeAway(shop);
  const statuses = await Promise.all([2 * SIZE, 0, 99].map(async (number) => (await shop.ask(path(number))).status));
  expect(statuses).toEqual([503, 503, 200]);
});

test("while so many buy that browsing has to give way, it gets what was answered last", async () => {
  await using shop = await startShop({ requestTimeout: 30_000 });
  expect((await shop.ask(WINDOW)).status).toBe(200);
  const over = new AbortController();
  const buy = async () => {
    while (!over.signal.aborted) await shop.post("/store/v1/wait", { ms: 4_500 });
  };
  const buying = Array.from({ length: 600 }, buy);
  await eventually(async () => {
    const busy = await shop.ask(WINDOW);
    expect([busy.status, busy.headers.warning]).toEqual([200, '111 - "Revalidation Failed"']);
  });
  over.abort();
  await Promise.all(buying);
}, 60_000);
