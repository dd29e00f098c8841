/** Which file may import which. `test/architecture.test.ts` runs these rules and shows that they bite. */
module.exports = {
  forbidden: [
    {
      name: "services-meet-only-at-contracts",
      severity: "error",
      from: { path: "^services/([^/]+)/" },
      to: { path: "^services/", pathNot: ["^services/$1/", "^services/[^/]+/contract\\.ts$"] },
    },
    {
      name: "contracts-are-pure",
      severity: "error",
      from: { path: "^services/[^/]+/contract\\.ts$" },
      to: { pathNot: ["^lib/(contract|money|ids)\\.ts$", "^services/[^/]+/contract\\.ts$", "^node_modules/zod/"] },
    },
    {
      name: "models-do-no-io",
      severity: "error",
      from: { path: "^services/[^/]+/model\\.ts$" },
      to: {
        pathNot: ["^services/[^/]+/contract\\.ts$", "^lib/(money|ids)\\.ts$", "^node_modules/zod/"],
        // A type is gone at run time and does nothing.
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "stores-know-only-their-database",
      severity: "error",
      from: { path: ["^services/[^/]+/store\\.ts$", "^services/[^/]+/[a-z]+-store\\.ts$"] },
      to: {
        pathNot: [
          "^services/[^/]+/(contract|model|draft|cells|facets|store)\\.ts$",
          "^services/[^/]+/[a-z]+-store\\.ts$",
          "^lib/(database|json|money|ids|contract)\\.ts$",
          "^node_modules/zod/",
        ],
      },
    },
    {
      name: "lib-knows-no-service",
      severity: "error",
      from: { path: "^lib/", pathNot: "\\.(test|fixture|support)\\.ts$" },
      to: { path: "^(services|bin|cluster|test|web)/" },
    },
    {
      name: "moleculer-stays-below",
      comment: "Services are written against lib/service.ts. The gateway alone knows moleculer-web.",
      severity: "error",
      from: { path: "^services/", pathNot: "^services/gateway/" },
      to: { path: "^node_modules/moleculer" },
    },
    {
      name: "http-stays-in-the-gateway",
      severity: "error",
      // Whoever tells others something by HTTP does so through one guarded way.
      from: { path: "^(services|lib)/", pathNot: ["^services/gateway/", "^lib/public-post\\.ts$", "\\.test\\.ts$"] },
      to: { path: "^(node:)?https?$" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nothing-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "tests-are-not-imported",
      severity: "error",
      from: { path: "^(lib|services|bin|cluster)/", pathNot: "\\.(test|fixture|support)\\.ts$" },
      to: { path: ["^test/", "\\.(test|fixture|support)\\.ts$"] },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      extensions: [".ts", ".js"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
