/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * The part of the page that looks at images.
 *
 * @module
 */
import { heatGradient } from "./heat_gradient.ts";
import type { Html } from "./head.tsx";
import type { Services } from "../services.ts";

function CategoryField({ services }: { services: Services }): Html {
  const { allowed } = services.categories;
  return (
    <div class="field">
      <label for="category">Product</label>
      {allowed.length > 0
        ? (
          <select id="category" name="category">
            {allowed.map((name) => <option key={name}>{name}</option>)}
          </select>
        )
        : (
          <input
            id="category"
            name="category"
            value={services.object}
            required
            maxlength={200}
            autocomplete="off"
            aria-describedby="category-help"
          />
        )}
      <small id="category-help">
        What the image shows, in a word or two: bottle, metal nut
      </small>
      <small id="category-known" hidden>As the good images say</small>
    </div>
  );
}

function ImagePanel({ services }: { services: Services }): Html {
  return (
    <form id="score-form" class="panel">
      <label id="drop" class="drop">
        <input
          id="file"
          type="file"
          multiple
          accept="image/*,.tif,.tiff,.bmp,.zip"
        />
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" />
        </svg>
        <b id="drop-title">Drop images here</b>
        <span id="drop-note">or a .zip of them; or choose, or paste</span>
      </label>
      <CategoryField services={services} />
      <button id="score-button" type="submit" class="primary" disabled>
        Look at them
      </button>
    </form>
  );
}

function ResultPanel(): Html {
  return (
    <div class="panel result" aria-live="polite">
      <p id="score-message" class="message">
        The anomaly map and the score appear here.
      </p>
      <div id="result" hidden>
        <p id="verdict" class="verdict badge" hidden />
        <figure class="view">
          <div id="frame" class="frame">
            <img id="photo" alt="The image that was looked at" />
            <img id="heat" alt="Its anomaly map" />
            <svg
              id="outlines"
              preserveAspectRatio="none"
              role="img"
              aria-label="Outlines of the regions found"
            />
          </div>
        </figure>
        <p id="result-name" class="note" />
        <div class="controls">
          <label for="opacity">Heatmap</label>
          <input
            id="opacity"
            type="range"
            min="0"
            max="100"
            value="45"
            aria-label="Opacity of the heatmap"
          />
          <output id="opacity-value" for="opacity">45 %</output>
        </div>
        <div class="scale">
          <span id="scale-low">0 normal</span>
          <i style={`background: ${heatGradient()}`} />
          <span id="scale-high">1 anomalous</span>
        </div>
        <dl class="facts">
          <div class="lead-fact">
            <dt>Score</dt>
            <dd id="score" />
          </div>
          <div>
            <dt>Logit</dt>
            <dd id="logit" />
          </div>
          <div>
            <dt>Size</dt>
            <dd id="size" />
          </div>
          <div>
            <dt>Time</dt>
            <dd id="time" />
          </div>
        </dl>
        <p id="warnings" class="message bad" hidden />
        <p class="note">
          The score ranks images of one product; scores of different products
          cannot be compared.
        </p>
      </div>
    </div>
  );
}

function ListPart(): Html {
  return (
    <div id="list-part" class="panel list-part" hidden>
      <p id="list-count" role="status" />
      <div class="controls">
        <label for="threshold">Threshold</label>
        <div class="slider">
          <svg
            id="threshold-strip"
            class="strip"
            viewBox="0 0 1000 22"
            preserveAspectRatio="none"
            aria-hidden="true"
            hidden
          />
          <input id="threshold" type="range" step="any" disabled />
        </div>
        <output id="threshold-value" for="threshold">none</output>
      </div>
      <p id="strip-key" class="key-of-strip" hidden>
        <span class="badge good">upper marks: good images</span>
        <span class="badge ink">lower marks: the images below</span>
      </p>
      <p class="effect">
        <span id="threshold-effect" role="status" />
        <button id="threshold-reset" type="button" class="link" hidden>
          Back to the calibrated one
        </button>
      </p>
      <div id="list" class="list" />
    </div>
  );
}

/** Takes images and shows what was seen in them. */
export function ScoreSection({ services }: { services: Services }): Html {
  return (
    <section aria-labelledby="one-title">
      <h2 id="one-title">Images</h2>
      <div class="columns">
        <ImagePanel services={services} />
        <ResultPanel />
      </div>
      <ListPart />
    </section>
  );
}
