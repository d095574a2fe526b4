/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * The part of the page that takes good images.
 *
 * @module
 */
import type { Html } from "./head.tsx";
import type { Services } from "../services.ts";

function GoodForm({ services }: { services: Services }): Html {
  return (
    <form id="good-form" class="good-form" aria-label="Good images">
      <label id="good-drop" class="drop">
        <input
          id="good-file"
          type="file"
          multiple
          accept="image/*,.tif,.tiff,.bmp,.zip"
        />
        <b id="good-title-text">Drop good images here</b>
        <span id="good-note">or a .zip of them; or choose</span>
      </label>
      <div class="field">
        <label for="good-category">What they show</label>
        <input
          id="good-category"
          value={services.categories.allowed[0] ?? services.object}
          required
          maxlength={200}
          autocomplete="off"
          aria-describedby="good-category-help"
        />
        <small id="good-category-help">
          In a word or two: bottle, metal nut
        </small>
        <button id="learn-button" type="submit" class="primary" disabled>
          Learn them
        </button>
      </div>
    </form>
  );
}

function ProfileFacts(): Html {
  return (
    <div id="profile-facts" class="profile-facts" hidden>
      <p id="profile-text" role="status" />
      <div id="profile-buttons" hidden>
        <button id="save-button" type="button" class="secondary">
          Save as a profile
        </button>
        <p class="note">
          The server drops these good images two hours after their last use.
        </p>
      </div>
      <p id="save-note" class="note" hidden>
        Use the file as it is, or unpacked: <code id="save-command" />
      </p>
    </div>
  );
}

/** Chooses what images are compared with. */
export function GoodSection({ services }: { services: Services }): Html {
  return (
    <section aria-labelledby="good-title">
      <h2 id="good-title">Good parts</h2>
      <div class="panel good-parts">
        <p>
          Compare with photographs of good parts, and each image is called good
          or defective. Ten are enough to start with; they should show all that
          may differ between good parts.
        </p>
        <div class="field">
          <label for="compare">Compare with</label>
          <select id="compare">
            <option value="">nothing (scores without a verdict)</option>
            <option value="own">good images that I drop here</option>
          </select>
        </div>
        <div id="good-part" hidden>
          <GoodForm services={services} />
        </div>
        <p id="good-message" class="message" role="alert" hidden />
        <ProfileFacts />
      </div>
    </section>
  );
}
