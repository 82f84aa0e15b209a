export {
  type ManualClock,
  manualClock,
  reasonToSkip,
  runStoreCase,
  type StoreCase,
  type StoreSite,
  type StoreWorld,
} from './adapters/conformance/store-case.ts';
export { storeCases } from './adapters/conformance/store-cases.ts';
