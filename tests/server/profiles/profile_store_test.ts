import assert from "node:assert/strict";
import { ProfileStore } from "../../../lib/server/profiles/profile_store.ts";

const LIMITS = {
  profiles: 2,
  profileBytes: 100,
  profileMilliseconds: 1000,
  profileRestMilliseconds: 100,
};
const WISH = { category: "nut", falseAlarms: 0.05 };

/** A store whose time is set by hand. */
function store() {
  const clock = { now: 0 };
  const profiles = new ProfileStore(LIMITS, () => clock.now);
  return { profiles, clock, [Symbol.dispose]: () => profiles.close() };
}

Deno.test("ProfileStore drops a profile that nobody has asked for in its time", () => {
  using opened = store();
  const { profiles, clock } = opened;
  const { id } = profiles.create(WISH);
  clock.now = 900;
  assert.equal(profiles.find(id)!.id, id);
  clock.now = 1800;
  assert.equal(profiles.find(id)!.id, id);
  clock.now = 2800;
  assert.equal(profiles.find(id), undefined);
});

Deno.test("ProfileStore refuses a profile too many, unless one has rested", () => {
  using opened = store();
  const { profiles, clock } = opened;
  const first = profiles.create(WISH);
  clock.now = 50;
  const second = profiles.create(WISH);
  assert.throws(() => profiles.create(WISH), { status: 429 });
  clock.now = 101;
  first.isLearning = true;
  assert.throws(() => profiles.create(WISH), { status: 429 });
  first.isLearning = false;
  profiles.create(WISH);
  assert.equal(profiles.find(first.id), undefined);
  assert.equal(profiles.find(second.id), second);
});

Deno.test("ProfileStore counts the bytes of all profiles, and gives them back", () => {
  using opened = store();
  const { profiles } = opened;
  const [first, second] = [profiles.create(WISH), profiles.create(WISH)];
  assert.equal(first.holds(60), true);
  assert.equal(second.holds(60), false);
  profiles.delete(first);
  assert.equal(profiles.bytes, 0);
  assert.equal(first.holds(10), false);
  assert.equal(second.holds(60), true);
});
