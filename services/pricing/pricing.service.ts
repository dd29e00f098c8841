import { service } from "../../lib/service.ts";
import * as pricing from "./contract.ts";
import { quote } from "./quote.ts";

export default service("pricing", pricing, (r) => ({ actions: { quote: quote(r) } }));
