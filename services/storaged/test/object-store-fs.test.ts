import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  bytesFound,
  bytesOf,
  describeObjectStore,
  getBytes,
  listPages,
  MiB,
  putBytes,
  temporaryFolder,
} from "@lakehouse/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFsObjectStore } from "../src/fs/object-store-fs.ts";

describeObjectStore("fs", async () => {
  const folder = await temporaryFolder();
  const store = await openFsObjectStore(folder.path, "primary");
  return {
    store,
    leftovers: () => readdir(join(folder.path, ".uploads", "primary")),
    close: async () => {
      await store.close();
      await folder.remove();
    },
  };
});

async function openStore() {
  const folder = await temporaryFolder();
  const store = await openFsObjectStore(folder.path, "primary");
  onTestFinished(folder.remove);
  return {
    store,
    outside: folder.path,
    root: join(folder.path, "primary"),
    uploads: join(folder.path, ".uploads", "primary"),
  };
}

describe("files on disk", () => {
  test("an object is the file that a person would look for", async () => {
    const { store, root } = await openStore();
    await putBytes(store, "datasets/workers/a b%2F.csv", bytesOf(100));
    expect(await readFile(join(root, "datasets", "workers", "a b%2F.csv"))).toEqual(bytesOf(100));
  });

  test("a file that a person put there is an object", async () => {
    const { store, root } = await openStore();
    await mkdir(join(root, "by"));
    await writeFile(join(root, "by", "hand"), "hello");
    expect((await getBytes(store, "by/hand")).toString()).toBe("hello");
    expect(await listPages(store, "")).toEqual([["by/hand"]]);
  });

  test("a delete takes the folders that it emptied along", async () => {
    const { store, root } = await openStore();
    await putBytes(store, "a/b/c/d", bytesOf(1));
    await putBytes(store, "a/e", bytesOf(1));
    await store.delete("a/b/c/d");
    expect(await readdir(join(root, "a"))).toEqual(["e"]);
    await store.delete("a/e");
    expect(await readdir(root)).toEqual([]);
  });

  test("folders without objects, as a crash may leave them, stand in nobody's way", async () => {
    const { store, root } = await openStore();
    await mkdir(join(root, "a/b/c"), { recursive: true });
    await mkdir(join(root, "a/d"));
    expect(await listPages(store, "")).toEqual([[]]);
    await putBytes(store, "a", bytesOf(3));
    expect(await getBytes(store, "a")).toEqual(bytesOf(3));
  });

  test("nor do folders that came up during the upload", async () => {
    const { store, root } = await openStore();
    async function* body() {
      yield bytesOf(1);
      await mkdir(join(root, "a/b/c"), { recursive: true });
      yield bytesOf(1);
    }
    await store.put("a", body());
    expect((await store.head("a")).size).toBe(2);
  });

  test("a put never fails because a delete takes its folder along at that moment", async () => {
    const { store, root } = await openStore();
    const lanes = Array.from({ length: 8 }, async (_, lane) => {
      for (let round = 0; round < 40; round++) {
        await putBytes(store, `folder/deep/${lane}`, bytesOf(round));
        await store.delete(`folder/deep/${lane}`);
      }
    });
    await Promise.all(lanes);
    expect(await readdir(root)).toEqual([]);
  });

  test("every version has its own ETag, however fast they follow", async () => {
    const { store } = await openStore();
    const etags = new Set<string>();
    for (let version = 0; version < 300; version++) etags.add(await putBytes(store, "object", bytesOf(8, version)));
    expect(etags.size).toBe(300);
  });

  test("a reader that has begun gets the old object to its end", async () => {
    const { store } = await openStore();
    await putBytes(store, "object", bytesOf(5 * MiB, 1));
    const old = await store.get("object");
    await putBytes(store, "object", bytesOf(5 * MiB, 2));
    await store.delete("object");
    expect((await bytesFound(old)).equals(bytesOf(5 * MiB, 1))).toBe(true);
  });

  test("a file that is cut short while it is read breaks the stream", async () => {
    const { store, root } = await openStore();
    await putBytes(store, "object", bytesOf(5 * MiB));
    const result = await store.get("object");
    await truncate(join(root, "object"), 2 * MiB);
    await expect(bytesFound(result)).rejects.toThrow("shorter");
  });
});

describe("keys that a file system can't hold", () => {
  test("a segment over 255 bytes is refused, one of 255 is not", async () => {
    const { store } = await openStore();
    await putBytes(store, `${"é".repeat(127)}x/y`, bytesOf(1));
    const tooLong = "é".repeat(128);
    await expect(putBytes(store, tooLong, bytesOf(1))).rejects.toMatchObject({ code: "invalid_key" });
    await expect(store.get(tooLong)).rejects.toMatchObject({ code: "invalid_key" });
    await expect(store.delete(`a/${tooLong}/b`)).rejects.toMatchObject({ code: "invalid_key" });
  });

  test.each(["../x", "a/../../x", "/etc/passwd", "a//b", ".", "", "a\0b", ".."])(
    "%j never gets as far as the disk",
    async (key) => {
      const { store, outside } = await openStore();
      const before = await readdir(outside);
      for (const attempt of [putBytes(store, key, bytesOf(1)), store.get(key), store.head(key), store.delete(key)]) {
        await expect(attempt).rejects.toMatchObject({ code: "invalid_key" });
      }
      expect(await readdir(outside)).toEqual(before);
    },
  );

  test("a key that needs a folder where an object stands, or the reverse, is a conflict", async () => {
    const { store, uploads } = await openStore();
    await putBytes(store, "a/object", bytesOf(1));
    for (const key of ["a", "a/object/below", "a/object/far/below"]) {
      await expect(putBytes(store, key, bytesOf(1))).rejects.toMatchObject({ code: "key_conflict" });
    }
    expect(await listPages(store, "")).toEqual([["a/object"]]);
    expect(await readdir(uploads)).toEqual([]);
  });

  test("a conflict is told before the body is read", async () => {
    const { store } = await openStore();
    await putBytes(store, "a/object", bytesOf(1));
    let isRead = false;
    async function* body() {
      isRead = true;
      yield bytesOf(1);
    }
    await expect(store.put("a", body())).rejects.toMatchObject({ code: "key_conflict" });
    expect(isRead).toBe(false);
  });
});

describe("what is no object", () => {
  test("a symbolic link leads nowhere: not to a file, not through a folder", async () => {
    const { store, root, outside } = await openStore();
    await mkdir(join(outside, "secrets", "empty"), { recursive: true });
    await writeFile(join(outside, "secrets", "key"), "secret");
    await symlink(join(outside, "secrets", "key"), join(root, "file"));
    await symlink(join(outside, "secrets"), join(root, "folder"));

    for (const key of ["file", "folder/key"]) {
      await expect(store.get(key)).rejects.toMatchObject({ code: "key_not_found" });
      await expect(store.head(key)).rejects.toMatchObject({ code: "key_not_found" });
    }
    for (const prefix of ["", "f", "folder/", "folder/k"]) expect(await listPages(store, prefix)).toEqual([[]]);
    for (const key of ["folder/key", "folder/new", "folder/deep/new", "folder/empty", "folder/empty/new"]) {
      await expect(putBytes(store, key, bytesOf(1))).rejects.toMatchObject({ code: "key_conflict" });
      await store.delete(key);
    }
    expect(await readdir(join(outside, "secrets"))).toEqual(["empty", "key"]);
    expect(await readFile(join(outside, "secrets", "key"), "utf8")).toBe("secret");
  });

  test("a put replaces a symbolic link and leaves what it pointed to", async () => {
    const { store, root, outside } = await openStore();
    await writeFile(join(outside, "target"), "old");
    await symlink(join(outside, "target"), join(root, "object"));
    await putBytes(store, "object", Buffer.from("new"));
    expect((await getBytes(store, "object")).toString()).toBe("new");
    expect(await readFile(join(outside, "target"), "utf8")).toBe("old");
  });

  test("pipes, names that are not UTF-8, and names that are no key are left out", async () => {
    const { store, root } = await openStore();
    await promisify(execFile)("mkfifo", [join(root, "pipe")]);
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), "latin");
    await writeFile(join(root, "bell\u0007"), "control");
    await putBytes(store, "object", bytesOf(1));
    // Nor do they take places of a page.
    for (const limit of [1_000, 1]) expect(await listPages(store, "", limit)).toEqual([["object"]]);
    await expect(store.get("pipe")).rejects.toMatchObject({ code: "key_not_found" });
  });
});

describe("uploads of a process that died", () => {
  test("are swept, and only they", async () => {
    const { store, uploads, root } = await openStore();
    await writeFile(join(uploads, "4711-abc-1"), "half an object");
    await putBytes(store, "object", bytesOf(1));
    await store.sweep();
    expect(await readdir(uploads)).toEqual([]);
    expect(await readdir(root)).toEqual(["object"]);
  });
});

describe("a disk in trouble", () => {
  test("a root that is gone is unavailable, and is not made anew over an unmounted disk", async () => {
    const { store, root } = await openStore();
    await rm(root, { recursive: true });
    await expect(store.ping()).rejects.toMatchObject({ code: "storage_unavailable" });
    await expect(putBytes(store, "a/b", bytesOf(1))).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(existsSync(root)).toBe(false);
  });

  test("a full disk is storage_full, keeps the old object, and takes new ones when there is room", async (context) => {
    const folder = await temporaryFolder();
    onTestFinished(folder.remove);
    if (!(await mountTinyDisk(folder.path, 4 * MiB)))
      context.skip("NOT TESTED: a full disk (mounting a tmpfs needs root)");
    onTestFinished(() => unmount(folder.path));
    const store = await openFsObjectStore(folder.path, "primary");
    await putBytes(store, "old", bytesOf(MiB));
    for (const key of ["new", "old"]) {
      await expect(putBytes(store, key, bytesOf(6 * MiB))).rejects.toMatchObject({ code: "storage_full" });
    }
    expect(await readdir(join(folder.path, ".uploads", "primary"))).toEqual([]);
    expect(await getBytes(store, "old")).toEqual(bytesOf(MiB));
    await putBytes(store, "new", bytesOf(2 * MiB));
    expect(await listPages(store, "")).toEqual([["new", "old"]]);
  });
});

async function mountTinyDisk(path: string, bytes: number): Promise<boolean> {
  try {
    await promisify(execFile)("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path]);
    return true;
  } catch (error) {
    console.warn(`NOT TESTED: a full disk. ${error}`);
    return false;
  }
}

async function unmount(path: string): Promise<void> {
  await promisify(execFile)("umount", [path]);
}
