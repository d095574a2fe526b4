;; The two filters of resample.ts, 16 bytes at a time. `deno task build:kernels`
;; writes resample_kernels.ts from this text.
;;
;; A weight w of 22 bits is stored as two numbers of 16 bits, w = 2048 high + low,
;; so that i32x4.dot_i16x8_s can add the products of two taps in each lane. The
;; sums of both halves are joined at the end, to the very sum of Pillow.
;;
;; Taps are stored as
;;   for each target: i32 offset of its first source sample, in bytes,
;;     for each pair of taps: i16 high, i16 high, i16 low, i16 low
;; with a weight of 0 where there is no second tap. Up to 16 bytes behind a source
;; are read, and up to 16 behind a target are written.
(module
  (memory (export "memory") 1)

  ;; 2048 high + low + a half, without its 22 fractional bits.
  (func $round (param $high v128) (param $low v128) (result v128)
    (i32x4.shr_s
      (i32x4.add
        (i32x4.add (i32x4.shl (local.get $high) (i32.const 11)) (local.get $low))
        (i32x4.splat (i32.const 0x200000)))
      (i32.const 22)))

  ;; Along rows: [rows, source width, C] to [rows, width, C], C at most 4. A lane
  ;; is a channel: at $order are the indices of bytes that bring two pixels, one
  ;; after the other, into the lanes, as 16 bits each.
  (func (export "filterRows")
    (param $source i32) (param $sourceStride i32)
    (param $target i32) (param $targetStride i32)
    (param $rows i32) (param $channels i32) (param $order i32)
    (param $taps i32) (param $pairs i32)
    (local $tap i32) (local $to i32) (local $end i32)
    (local $from i32) (local $pair i32) (local $step i32)
    (local $high v128) (local $low v128)
    (local $pixels v128) (local $lanes v128)
    (local.set $lanes (v128.load (local.get $order)))
    (local.set $step (i32.shl (local.get $channels) (i32.const 1)))
    (loop $row
      (local.set $tap (local.get $taps))
      (local.set $to (local.get $target))
      (local.set $end (i32.add (local.get $target) (local.get $targetStride)))
      (loop $pixel
        (local.set $from
          (i32.add (local.get $source) (i32.load (local.get $tap))))
        (local.set $tap (i32.add (local.get $tap) (i32.const 4)))
        (local.set $high (v128.const i32x4 0 0 0 0))
        (local.set $low (v128.const i32x4 0 0 0 0))
        (local.set $pair (local.get $pairs))
        (loop $next
          (local.set $pixels
            (i8x16.swizzle
              (v128.load64_zero (local.get $from)) (local.get $lanes)))
          (local.set $high
            (i32x4.add (local.get $high)
              (i32x4.dot_i16x8_s (local.get $pixels)
                (v128.load32_splat (local.get $tap)))))
          (local.set $low
            (i32x4.add (local.get $low)
              (i32x4.dot_i16x8_s (local.get $pixels)
                (v128.load32_splat offset=4 (local.get $tap)))))
          (local.set $from (i32.add (local.get $from) (local.get $step)))
          (local.set $tap (i32.add (local.get $tap) (i32.const 8)))
          (br_if $next
            (local.tee $pair (i32.sub (local.get $pair) (i32.const 1)))))
        (local.set $high (call $round (local.get $high) (local.get $low)))
        (local.set $high
          (i16x8.narrow_i32x4_s (local.get $high) (local.get $high)))
        (v128.store32_lane 0 (local.get $to)
          (i8x16.narrow_i16x8_u (local.get $high) (local.get $high)))
        (br_if $pixel
          (i32.lt_u
            (local.tee $to (i32.add (local.get $to) (local.get $channels)))
            (local.get $end))))
      (local.set $source
        (i32.add (local.get $source) (local.get $sourceStride)))
      (local.set $target (local.get $end))
      (br_if $row
        (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

  ;; Along columns: rows of $stride bytes to $rows such rows.
  (func (export "filterColumns")
    (param $source i32) (param $target i32) (param $stride i32)
    (param $rows i32) (param $taps i32) (param $pairs i32)
    (local $first i32) (local $x i32) (local $from i32)
    (local $tap i32) (local $pair i32)
    (local $a v128) (local $b v128) (local $two v128) (local $weight v128)
    (local $high0 v128) (local $high1 v128) (local $high2 v128)
    (local $high3 v128) (local $low0 v128) (local $low1 v128)
    (local $low2 v128) (local $low3 v128)
    (loop $row
      (local.set $first
        (i32.add (local.get $source) (i32.load (local.get $taps))))
      (local.set $taps (i32.add (local.get $taps) (i32.const 4)))
      (local.set $x (i32.const 0))
      (loop $column
        (local.set $from (i32.add (local.get $first) (local.get $x)))
        (local.set $tap (local.get $taps))
        (local.set $pair (local.get $pairs))
        (local.set $high0 (v128.const i32x4 0 0 0 0))
        (local.set $high1 (v128.const i32x4 0 0 0 0))
        (local.set $high2 (v128.const i32x4 0 0 0 0))
        (local.set $high3 (v128.const i32x4 0 0 0 0))
        (local.set $low0 (v128.const i32x4 0 0 0 0))
        (local.set $low1 (v128.const i32x4 0 0 0 0))
        (local.set $low2 (v128.const i32x4 0 0 0 0))
        (local.set $low3 (v128.const i32x4 0 0 0 0))
        (loop $next
          ;; A row and the one below it, byte by byte.
          (local.set $b
            (v128.load (i32.add (local.get $from) (local.get $stride))))
          (local.set $two (v128.load (local.get $from)))
          (local.set $a
            (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
              (local.get $two) (local.get $b)))
          (local.set $b
            (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
              (local.get $two) (local.get $b)))
          (local.set $weight (v128.load32_splat (local.get $tap)))
          (local.set $two (v128.load32_splat offset=4 (local.get $tap)))
          (local.set $high0
            (i32x4.add (local.get $high0)
              (i32x4.dot_i16x8_s
                (i16x8.extend_low_i8x16_u (local.get $a)) (local.get $weight))))
          (local.set $low0
            (i32x4.add (local.get $low0)
              (i32x4.dot_i16x8_s
                (i16x8.extend_low_i8x16_u (local.get $a)) (local.get $two))))
          (local.set $high1
            (i32x4.add (local.get $high1)
              (i32x4.dot_i16x8_s
                (i16x8.extend_high_i8x16_u (local.get $a)) (local.get $weight))))
          (local.set $low1
            (i32x4.add (local.get $low1)
              (i32x4.dot_i16x8_s
                (i16x8.extend_high_i8x16_u (local.get $a)) (local.get $two))))
          (local.set $high2
            (i32x4.add (local.get $high2)
              (i32x4.dot_i16x8_s
                (i16x8.extend_low_i8x16_u (local.get $b)) (local.get $weight))))
          (local.set $low2
            (i32x4.add (local.get $low2)
              (i32x4.dot_i16x8_s
                (i16x8.extend_low_i8x16_u (local.get $b)) (local.get $two))))
          (local.set $high3
            (i32x4.add (local.get $high3)
              (i32x4.dot_i16x8_s
                (i16x8.extend_high_i8x16_u (local.get $b)) (local.get $weight))))
          (local.set $low3
            (i32x4.add (local.get $low3)
              (i32x4.dot_i16x8_s
                (i16x8.extend_high_i8x16_u (local.get $b)) (local.get $two))))
          (local.set $from
            (i32.add (local.get $from)
              (i32.shl (local.get $stride) (i32.const 1))))
          (local.set $tap (i32.add (local.get $tap) (i32.const 8)))
          (br_if $next
            (local.tee $pair (i32.sub (local.get $pair) (i32.const 1)))))
        (v128.store (i32.add (local.get $target) (local.get $x))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (call $round (local.get $high0) (local.get $low0))
              (call $round (local.get $high1) (local.get $low1)))
            (i16x8.narrow_i32x4_s
              (call $round (local.get $high2) (local.get $low2))
              (call $round (local.get $high3) (local.get $low3)))))
        (br_if $column
          (i32.lt_u
            (local.tee $x (i32.add (local.get $x) (i32.const 16)))
            (local.get $stride))))
      (local.set $taps
        (i32.add (local.get $taps) (i32.shl (local.get $pairs) (i32.const 3))))
      (local.set $target (i32.add (local.get $target) (local.get $stride)))
      (br_if $row
        (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))))
