import { fault } from "../../lib/fault.ts";
import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as inventory from "../inventory/contract.ts";
import * as catalog from "./contract.ts";
import { findProducts } from "./find-products.ts";
import { getProduct } from "./get-product.ts";
import { importJob } from "./import-job.ts";
import { trimUploads } from "./import-store.ts";
import { getImport, receiveUpload, startImport } from "./import.ts";
import { categoryTree } from "./model.ts";
import { parsePicturePath, partPicture } from "./picture.ts";
import { seeding } from "./seed.ts";
import * as store from "./store.ts";

const MINUTES = 60_000;

export default service("catalog", catalog, (r) => {
  const seed = seeding(r);
  return {
    actions: {
      findProducts: findProducts(r),
      getProduct: getProduct(r),
      findCategories: async () => ({ data: categoryTree(await store.findCategories(r.db.sql)) }),
      getPicture: async ({ name }) => {
        const part = parsePicturePath(name);
        if (!part) throw fault("not_found");
        return { body: partPicture(part) };
      },
      findVariants: async ({ variantIds }) => ({ variants: await store.findVariantFacts(r.db.sql, variantIds) }),
      receiveUpload: receiveUpload(),
      startImport: startImport(),
      getImport: getImport(r),
    },
    reactions: [on(inventory.availabilityChanged, (said, tx) => store.setAvailability(tx, said))],
    jobs: [seed.job, importJob(r), { name: "trim uploads", every: 10 * MINUTES, work: () => trimUploads(r.db.sql) }],
    unready: seed.unready,
  };
});
