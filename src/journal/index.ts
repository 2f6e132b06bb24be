/** The journal adapters: durable, in memory, none; and reading a journal back. */
export { type DurableJournal, type DurableJournalOptions, openDurableJournal } from './durable.js';
export { createMemoryJournal, createNullJournal } from './memory.js';
export { type JournalSummary, journalRecords, readJournal, verifyJournal } from './read.js';
export { type JournalContent, type JournalRecord, parseJournal, parseRecord } from './record.js';
