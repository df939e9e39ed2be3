// What this device keeps (IndexedDB): unsent drafts in the order of their numbers, whose it is (a person's number and
// a place's code), and what may be chosen. Names and phones stand in drafts alone, and go with them.

const NAME = "intake";
let opened;

function open() {
  opened ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drafts", { keyPath: "number", autoIncrement: true });
      request.result.createObjectStore("kept");
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opened = undefined; };
      resolve(request.result);
    };
    request.onerror = () => { opened = undefined; reject(request.error); };
  });
  return opened;
}

// One transaction; it is done when the device says that it is written down, not before.
async function within(store, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
    work(transaction.objectStore(store), (value) => { result = value; });
  });
}

const read = (store, ask) => within(store, "readonly", (rows, give) => { ask(rows).onsuccess = (event) => give(event.target.result); });

export const drafts = () => read("drafts", (rows) => rows.getAll());
export const kept = (name) => read("kept", (rows) => rows.get(name));
export const keep = (name, value) => within("kept", "readwrite", (rows) => rows.put(value, name));

// A draft without a number is a new one; gives its number.
export const putDraft = (draft) =>
  within("drafts", "readwrite", (rows, give) => { rows.put(draft).onsuccess = (event) => give(event.target.result); });

// A change of a draft that is still there; gives the draft, or nothing where another window has removed it.
export const changeDraft = (number, changes) =>
  within("drafts", "readwrite", (rows, give) => {
    rows.get(number).onsuccess = (event) => {
      const draft = event.target.result;
      if (!draft) return;
      rows.put({ ...draft, ...changes });
      give({ ...draft, ...changes });
    };
  });

export const removeDraft = (number) => within("drafts", "readwrite", (rows) => rows.delete(number));

// All that is kept for this person; the drafts of others stay, for nobody else may throw them away.
export async function wipe(person) {
  await within("drafts", "readwrite", (rows) => {
    rows.openCursor().onsuccess = (event) => {
      const cursor = event.target.result;
      if (!cursor) return;
      if (cursor.value.person === person) cursor.delete();
      cursor.continue();
    };
  });
  await within("kept", "readwrite", (rows) => rows.clear());
}
