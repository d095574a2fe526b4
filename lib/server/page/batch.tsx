/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * The part of the page that scores an archive.
 *
 * @module
 */
import type { Html } from "./head.tsx";

/** The folders that the server allows, filled in when they are known. */
function Places({ id, title }: { id: string; title: string }): Html {
  return (
    <small hidden>
      {title} <span id={`${id}-text`} />
      <datalist id={id} />
    </small>
  );
}

function BatchForm(): Html {
  return (
    <form id="batch-form" class="panel grid">
      <div class="field">
        <label for="input">Images</label>
        <input
          id="input"
          required
          list="input-places"
          placeholder="s3://bucket/images/"
          spellcheck={false}
          autocomplete="off"
        />
        <small>
          A folder, a list (.csv, .jsonl) or an archive (.zip, .tar)
        </small>
        <Places id="input-places" title="May be read:" />
      </div>
      <div class="field">
        <label for="output">Results</label>
        <input
          id="output"
          required
          list="output-places"
          placeholder="s3://bucket/results/"
          spellcheck={false}
          autocomplete="off"
        />
        <small>A folder for heatmaps, scores and the report</small>
        <Places id="output-places" title="May be written:" />
      </div>
      <div class="field">
        <label for="batch-object">Product, where no folder names it</label>
        <input id="batch-object" maxlength={200} placeholder="object" />
      </div>
      <div class="field">
        <label for="batch-limit">How many images at most</label>
        <input id="batch-limit" type="number" min="1" placeholder="all" />
      </div>
      <button id="batch-button" type="submit" class="primary">Start</button>
      <p id="batch-message" class="message" role="alert" hidden />
    </form>
  );
}

function BatchProgress(): Html {
  return (
    <div id="batch" class="panel" hidden>
      <div class="batch-head">
        <h3 id="batch-title" />
        <span id="batch-state" class="badge" role="status" />
      </div>
      <progress id="batch-bar" aria-label="Images done" />
      <p id="batch-count" class="note" />
      <dl id="batch-figures" class="facts" hidden />
      <div class="buttons">
        <a id="batch-report" class="primary" target="_blank" hidden>
          Open the report
        </a>
        <button id="batch-cancel" type="button" hidden>Cancel</button>
      </div>
    </div>
  );
}

/** Starts a batch and shows how far it is. */
export function BatchSection({ hasBatches }: { hasBatches: boolean }): Html {
  return (
    <section id="batches" aria-labelledby="batches-title">
      <h2 id="batches-title">A whole archive</h2>
      {hasBatches
        ? (
          <>
            <BatchForm />
            <BatchProgress />
          </>
        )
        : (
          <p class="lead">
            This server takes no batches. It does where it is started with{" "}
            <code>--allow-input</code> and <code>--allow-output</code>.
          </p>
        )}
    </section>
  );
}
