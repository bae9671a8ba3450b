/** Ids and the slots of their rows, four bytes an id: a map of a million entries takes ten times that. */
export interface SlotTable {
  /** Undefined where the id has none. */
  get(id: number): number | undefined;
  set(id: number, slot: number): void;
  delete(id: number): void;
}

/** Ids of one page: ids are given one after the other, so that pages are nearly full. */
const PAGE = 4096;

export function createSlotTable(): SlotTable {
  /** Slot + 1 for each id of a page; 0 for none. */
  const pages = new Map<number, Uint32Array>();
  const pageOf = (id: number) => Math.floor(id / PAGE);
  return {
    get(id) {
      const entry = pages.get(pageOf(id))?.[id % PAGE];
      return entry ? entry - 1 : undefined;
    },
    set(id, slot) {
      let page = pages.get(pageOf(id));
      if (!page) {
        page = new Uint32Array(PAGE);
        pages.set(pageOf(id), page);
      }
      page[id % PAGE] = slot + 1;
    },
    delete(id) {
      const page = pages.get(pageOf(id));
      if (page) page[id % PAGE] = 0;
    },
  };
}
