import type { Config } from "jest";

export default {
  testEnvironment: "<rootDir>/test/support/environment.ts",
  testSequencer: "<rootDir>/test/support/sequencer.ts",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2024" }, module: { type: "es6" } }],
  },
  testMatch: ["<rootDir>/{lib,services,bin,cluster,test}/**/*.test.ts"],
  globalSetup: "<rootDir>/test/support/global-setup.ts",
  globalTeardown: "<rootDir>/test/support/global-teardown.ts",
  reporters: ["default", "<rootDir>/test/support/closing-line.ts"],
  testTimeout: 60_000,
  // Most tests wait for processes and databases more than they compute; one worker would leave half of two cores idle.
  maxWorkers: 2,
  // For `npm run coverage`: the rules of every service are tested on nearly every branch.
  coverageProvider: "v8",
  collectCoverageFrom: ["services/*/model.ts"],
  coverageReporters: ["text"],
  coverageThreshold: { global: {}, "services/*/model.ts": { branches: 95 } },
  // When every test has ended and PostgreSQL is stopped, a timer that a library forgot must not keep the run from ending.
  forceExit: true,
} satisfies Config;
