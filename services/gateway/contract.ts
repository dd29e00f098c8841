/** The gateway offers nothing on the bus: its contract is HTTP, and `/openapi.json` tells it. */
export {};
