;; The two passes of resizePillow.ts with vectors of 128 bits: the same integers, several at a time.
;;
;; A weight w of 22 fractional bits is handed over as w = high·2^14 + low, so that both parts fit the 16-bit factors of
;; i32x4.dot_i16x8_s, which multiplies two neighbours and adds them. `weights` holds, for each position and pair of
;; taps, two i32: the low parts of both taps, then their high parts (the first tap in the lower half). Taps beyond a
;; position's own weigh 0, but are read: the caller leaves room behind the source.
;; Results are written in whole vectors: what spills over a row's end is written again by the next row, and the caller
;; leaves room behind the last one. Written as bytes into resampleBytes.ts by parity/resampleKernel.ts.
(module
  (memory (export "memory") 1)

  ;; Σ low + 2^14·Σ high, less its 22 fractional bits. The rounding half is in `low` from the start.
  (func $whole (param $low v128) (param $high v128) (result v128)
    (i32x4.shr_s
      (i32x4.add (local.get $low) (i32x4.shl (local.get $high) (i32.const 14)))
      (i32.const 22)))

  ;; Resamples `rows` rows of RGB pixels to `width` pixels each. `starts`: byte of the first tap in the row.
  (func (export "resizeRows")
    (param $source i32) (param $sourceStride i32) (param $rows i32) (param $target i32) (param $width i32)
    (param $starts i32) (param $weights i32) (param $pairs i32)
    (local $row i32) (local $x i32) (local $pair i32) (local $at i32) (local $weight i32)
    (local $taps v128) (local $low v128) (local $high v128)
    (loop $nextRow
      (local.set $x (i32.const 0))
      (local.set $weight (local.get $weights))
      (loop $nextPixel
        (local.set $at (i32.add (local.get $source)
          (i32.load (i32.add (local.get $starts) (i32.shl (local.get $x) (i32.const 2))))))
        (local.set $low (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $high (v128.const i32x4 0 0 0 0))
        (local.set $pair (local.get $pairs))
        (loop $nextPair
          ;; Two pixels: r₀ r₁ g₀ g₁ b₀ b₁ 0 0 as 16-bit numbers.
          (local.set $taps (i8x16.shuffle 0 16 3 16 1 16 4 16 2 16 5 16 16 16 16 16
            (v128.load64_zero align=1 (local.get $at)) (v128.const i32x4 0 0 0 0)))
          (local.set $low (i32x4.add (local.get $low)
            (i32x4.dot_i16x8_s (local.get $taps) (v128.load32_splat (local.get $weight)))))
          (local.set $high (i32x4.add (local.get $high)
            (i32x4.dot_i16x8_s (local.get $taps) (v128.load32_splat offset=4 (local.get $weight)))))
          (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
          (local.set $at (i32.add (local.get $at) (i32.const 6)))
          (br_if $nextPair (local.tee $pair (i32.sub (local.get $pair) (i32.const 1)))))
        (local.set $low (call $whole (local.get $low) (local.get $high)))
        (local.set $low (i16x8.narrow_i32x4_s (local.get $low) (local.get $low)))
        (local.set $low (i8x16.narrow_i16x8_u (local.get $low) (local.get $low)))
        ;; Four bytes: the fourth is the next pixel's.
        (v128.store32_lane align=1 0 (local.get $target) (local.get $low))
        (local.set $target (i32.add (local.get $target) (i32.const 3)))
        (br_if $nextPixel (i32.lt_u
          (local.tee $x (i32.add (local.get $x) (i32.const 1))) (local.get $width))))
      (local.set $source (i32.add (local.get $source) (local.get $sourceStride)))
      (br_if $nextRow (i32.lt_u
        (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows)))))

  ;; Resamples columns to `height` rows of `length` bytes. `starts`: byte of the first tap's row.
  (func (export "resizeColumns")
    (param $source i32) (param $length i32) (param $target i32) (param $height i32)
    (param $starts i32) (param $weights i32) (param $pairs i32)
    (local $y i32) (local $i i32) (local $pair i32) (local $at i32) (local $weight i32)
    (local $one v128) (local $two v128) (local $mixed v128) (local $lowWeight v128) (local $highWeight v128)
    (local $low0 v128) (local $low1 v128) (local $low2 v128) (local $low3 v128)
    (local $high0 v128) (local $high1 v128) (local $high2 v128) (local $high3 v128)
    (loop $nextRow
      (local.set $i (i32.const 0))
      (loop $nextBytes
        (local.set $at (i32.add (i32.add (local.get $source) (local.get $i))
          (i32.load (i32.add (local.get $starts) (i32.shl (local.get $y) (i32.const 2))))))
        (local.set $weight (local.get $weights))
        (local.set $low0 (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $low1 (local.get $low0))
        (local.set $low2 (local.get $low0))
        (local.set $low3 (local.get $low0))
        (local.set $high0 (v128.const i32x4 0 0 0 0))
        (local.set $high1 (local.get $high0))
        (local.set $high2 (local.get $high0))
        (local.set $high3 (local.get $high0))
        (local.set $pair (local.get $pairs))
        (loop $nextPair
          (local.set $lowWeight (v128.load32_splat (local.get $weight)))
          (local.set $highWeight (v128.load32_splat offset=4 (local.get $weight)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
          (local.set $one (v128.load align=1 (local.get $at)))
          (local.set $at (i32.add (local.get $at) (local.get $length)))
          (local.set $two (v128.load align=1 (local.get $at)))
          (local.set $at (i32.add (local.get $at) (local.get $length)))
          ;; Bytes of both rows in turn, as 16-bit numbers: a pair of taps in each lane of the product.
          (local.set $mixed (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
            (local.get $one) (local.get $two)))
          (local.set $two (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
            (local.get $one) (local.get $two)))
          (local.set $one (i16x8.extend_low_i8x16_u (local.get $mixed)))
          (local.set $low0 (i32x4.add (local.get $low0)
            (i32x4.dot_i16x8_s (local.get $one) (local.get $lowWeight))))
          (local.set $high0 (i32x4.add (local.get $high0)
            (i32x4.dot_i16x8_s (local.get $one) (local.get $highWeight))))
          (local.set $one (i16x8.extend_high_i8x16_u (local.get $mixed)))
          (local.set $low1 (i32x4.add (local.get $low1)
            (i32x4.dot_i16x8_s (local.get $one) (local.get $lowWeight))))
          (local.set $high1 (i32x4.add (local.get $high1)
            (i32x4.dot_i16x8_s (local.get $one) (local.get $highWeight))))
          (local.set $one (i16x8.extend_low_i8x16_u (local.get $two)))
          (local.set $low2 (i32x4.add (local.get $low2)
            (i32x4.dot_i16x8_s (local.get $one) (local.get $lowWeight))))
          (local.set $high2 (i32x4.add (local.get $high2)
            (i32x4.dot_i16x8_s (local.get $one) (local.get $highWeight))))
          (local.set $one (i16x8.extend_high_i8x16_u (local.get $two)))
          (local.set $low3 (i32x4.add (local.get $low3)
            (i32x4.dot_i16x8_s (local.get $one) (local.get $lowWeight))))
          (local.set $high3 (i32x4.add (local.get $high3)
            (i32x4.dot_i16x8_s (local.get $one) (local.get $highWeight))))
          (br_if $nextPair (local.tee $pair (i32.sub (local.get $pair) (i32.const 1)))))
        (v128.store align=1 (i32.add (local.get $target) (local.get $i))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (call $whole (local.get $low0) (local.get $high0)) (call $whole (local.get $low1) (local.get $high1)))
            (i16x8.narrow_i32x4_s
              (call $whole (local.get $low2) (local.get $high2)) (call $whole (local.get $low3) (local.get $high3)))))
        (br_if $nextBytes (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $length))))
      (local.set $target (i32.add (local.get $target) (local.get $length)))
      (local.set $weights (local.get $weight))
      (br_if $nextRow (i32.lt_u
        (local.tee $y (i32.add (local.get $y) (i32.const 1))) (local.get $height))))))
