import { z } from "zod";

/** What the gateway tells all nodes about itself, as its service's metadata. Its actions are none: its contract is HTTP. */
export const Address = z.object({ url: z.url() });
