/** The disk adapters: a folder of the file system, and a disk in memory that breaks as it is told. */
export { drawFaults, type FaultRates } from './faults.js';
export { openFolder } from './folder.js';
export {
  type CrashKeeps,
  type DiskFault,
  type DiskOperation,
  MemoryDisk,
  type MemoryDiskOptions,
} from './memory.js';
