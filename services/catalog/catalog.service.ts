import { fault } from "../../lib/fault.ts";
import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as inventory from "../inventory/contract.ts";
import { changeCategory, createCategory, deleteCategory, findAllCategories } from "./administer-categories.ts";
import { archiveProduct, changeProduct, createProduct, getFullProduct } from "./administer-products.ts";
import { addVariant, archiveVariant, changeVariant } from "./administer-variants.ts";
import * as catalog from "./contract.ts";
import { exportProducts } from "./export-products.ts";
import { findAllProducts } from "./find-all-products.ts";
import { findProducts } from "./find-products.ts";
import { getProduct } from "./get-product.ts";
import { indexJob } from "./index-job.ts";
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
      findAllProducts: findAllProducts(r),
      getFullProduct: getFullProduct(r),
      createProduct: createProduct(r),
      changeProduct: changeProduct(r),
      archiveProduct: archiveProduct(r),
      addVariant: addVariant(r),
      changeVariant: changeVariant(r),
      archiveVariant: archiveVariant(r),
      findAllCategories: findAllCategories(r),
      createCategory,
      changeCategory,
      deleteCategory,
      exportProducts: exportProducts(r),
    },
    reactions: [on(inventory.availabilityChanged, (said, tx) => store.setAvailability(tx, said))],
    jobs: [seed.job, importJob(r), indexJob(r), { name: "trim uploads", every: 10 * MINUTES, work: () => trimUploads(r.db.sql) }],
    unready: seed.unready,
  };
});
