/**
 * A program that only loads onnxruntime.
 *
 * @module
 */
import "onnxruntime-node";
