import { service } from "../../lib/service.ts";
import * as pricing from "./contract.ts";
import { archiveCoupon, changeCoupon, createCoupon, findCoupons, getCoupon } from "./coupons.ts";
import {
  archivePriceList,
  changePriceList,
  createPriceList,
  findPriceLists,
  findPrices,
  getPriceList,
  setPrices,
} from "./price-lists.ts";
import { quote } from "./quote.ts";
import { redeemCoupons, returnCoupons } from "./redeem.ts";
import { findTaxRates, removeTaxRate, setTaxRate } from "./tax-rates.ts";

export default service("pricing", pricing, (r) => ({
  actions: {
    quote: quote(r),
    redeemCoupons,
    returnCoupons,
    findCoupons: findCoupons(r),
    createCoupon,
    getCoupon: getCoupon(r),
    changeCoupon,
    archiveCoupon,
    findTaxRates: findTaxRates(r),
    setTaxRate,
    removeTaxRate,
    findPriceLists: findPriceLists(r),
    createPriceList,
    getPriceList: getPriceList(r),
    changePriceList,
    archivePriceList,
    findPrices: findPrices(r),
    setPrices,
  },
}));
