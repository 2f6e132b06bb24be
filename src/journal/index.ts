/** The journal adapters: memory, file, none; and reading a journal back. */
export { createFileJournal, readLines } from './file.js';
export { createMemoryJournal, createNullJournal } from './memory.js';
export { type JournalContent, type JournalRecord, parseJournal } from './record.js';
