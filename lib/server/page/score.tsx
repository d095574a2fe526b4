/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * The part of the page that looks at one image.
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
    </div>
  );
}

function ImagePanel({ services }: { services: Services }): Html {
  return (
    <form id="score-form" class="panel">
      <label id="drop" class="drop">
        <input id="file" type="file" accept="image/*,.tif,.tiff,.bmp" />
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" />
        </svg>
        <b id="drop-title">Drop an image here</b>
        <span id="drop-note">or choose a file, or paste one</span>
      </label>
      <CategoryField services={services} />
      <button id="score-button" type="submit" class="primary" disabled>
        Look at it
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
        <figure class="view">
          <img id="photo" alt="The image that was looked at" />
          <img id="heat" alt="Its anomaly map" />
        </figure>
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
          <span>0 normal</span>
          <i style={`background: ${heatGradient()}`} />
          <span>1 anomalous</span>
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
        <p class="note">
          The score is the maximum of the anomaly map. It ranks images of one
          product; it is not comparable across products.
        </p>
      </div>
    </div>
  );
}

/** Takes an image and shows what was seen in it. */
export function ScoreSection({ services }: { services: Services }): Html {
  return (
    <section aria-labelledby="one-title">
      <h2 id="one-title">One image</h2>
      <div class="columns">
        <ImagePanel services={services} />
        <ResultPanel />
      </div>
    </section>
  );
}
