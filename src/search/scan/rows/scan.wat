;; Scores rows of 8-bit integers against one query of 16-bit integers, four rows at a time, with 128-bit vectors.
;; plainKernel.ts is the same in TypeScript. `npx tsx parity/scanKernel.ts` assembles this into scanBytes.ts.
;;
;; A row is a record of 16 bytes (scale f32, radius f32, id f64) and its values, 16 · vectors bytes, zeros at the end.
;; The sum of a row is Σ query[i] · value[i], exact: the query's scale is such that 32 bits hold it.
(module
  (import "scan" "memory" (memory 1 65536 shared))

  ;; The four lanes of a vector, added up.
  (func $across (param $v v128) (result i32)
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $v)) (i32x4.extract_lane 1 (local.get $v)))
      (i32.add (i32x4.extract_lane 2 (local.get $v)) (i32x4.extract_lane 3 (local.get $v)))))

  ;; Writes slot and sum at `out` where the row can reach the bar:
  ;; sum · scale · queryScale + radius · queryNorm >= bar. Returns where the next one goes.
  (func $keep
    (param $out i32) (param $slot i32) (param $row i32) (param $sum i32)
    (param $queryScale f64) (param $queryNorm f64) (param $bar f64) (result i32)
    (if (f64.ge
          (f64.add
            (f64.mul
              (f64.mul
                (f64.convert_i32_s (local.get $sum))
                (f64.promote_f32 (f32.load (local.get $row))))
              (local.get $queryScale))
            (f64.mul
              (f64.promote_f32 (f32.load offset=4 (local.get $row)))
              (local.get $queryNorm)))
          (local.get $bar))
      (then
        (i32.store (local.get $out) (local.get $slot))
        (i32.store offset=4 (local.get $out) (local.get $sum))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))))
    (local.get $out))

  ;; Scores the rows in the `count` slots that are listed at `slots` (filled up to a multiple of four with any slot).
  ;; Returns the end of what was written at `out`.
  (func (export "score")
    (param $slots i32) (param $count i32) (param $rows i32) (param $stride i32) (param $vectors i32)
    (param $query i32) (param $queryScale f64) (param $queryNorm f64) (param $bar f64) (param $out i32)
    (result i32)
    (local $end i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local $at i32) (local $q i32) (local $qEnd i32) (local $low v128) (local $high v128)
    (local $sumA v128) (local $sumB v128) (local $sumC v128) (local $sumD v128)
    (local.set $end (i32.add (local.get $slots) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $qEnd (i32.add (local.get $query) (i32.shl (local.get $vectors) (i32.const 5))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $slots) (local.get $end)))
        (local.set $a (i32.add (local.get $rows) (i32.mul (i32.load (local.get $slots)) (local.get $stride))))
        (local.set $b (i32.add (local.get $rows) (i32.mul (i32.load offset=4 (local.get $slots)) (local.get $stride))))
        (local.set $c (i32.add (local.get $rows) (i32.mul (i32.load offset=8 (local.get $slots)) (local.get $stride))))
        (local.set $d (i32.add (local.get $rows) (i32.mul (i32.load offset=12 (local.get $slots)) (local.get $stride))))
        (local.set $sumA (v128.const i32x4 0 0 0 0))
        (local.set $sumB (v128.const i32x4 0 0 0 0))
        (local.set $sumC (v128.const i32x4 0 0 0 0))
        (local.set $sumD (v128.const i32x4 0 0 0 0))
        (local.set $at (i32.const 0))
        (local.set $q (local.get $query))
        (loop $vector
          (local.set $low (v128.load (local.get $q)))
          (local.set $high (v128.load offset=16 (local.get $q)))
          (local.set $sumA (i32x4.add (local.get $sumA)
            (i32x4.add
              (i32x4.dot_i16x8_s (local.get $low) (v128.load8x8_s offset=16 (i32.add (local.get $a) (local.get $at))))
              (i32x4.dot_i16x8_s (local.get $high) (v128.load8x8_s offset=24 (i32.add (local.get $a) (local.get $at)))))))
          (local.set $sumB (i32x4.add (local.get $sumB)
            (i32x4.add
              (i32x4.dot_i16x8_s (local.get $low) (v128.load8x8_s offset=16 (i32.add (local.get $b) (local.get $at))))
              (i32x4.dot_i16x8_s (local.get $high) (v128.load8x8_s offset=24 (i32.add (local.get $b) (local.get $at)))))))
          (local.set $sumC (i32x4.add (local.get $sumC)
            (i32x4.add
              (i32x4.dot_i16x8_s (local.get $low) (v128.load8x8_s offset=16 (i32.add (local.get $c) (local.get $at))))
              (i32x4.dot_i16x8_s (local.get $high) (v128.load8x8_s offset=24 (i32.add (local.get $c) (local.get $at)))))))
          (local.set $sumD (i32x4.add (local.get $sumD)
            (i32x4.add
              (i32x4.dot_i16x8_s (local.get $low) (v128.load8x8_s offset=16 (i32.add (local.get $d) (local.get $at))))
              (i32x4.dot_i16x8_s (local.get $high) (v128.load8x8_s offset=24 (i32.add (local.get $d) (local.get $at)))))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $q (i32.add (local.get $q) (i32.const 32)))
          (br_if $vector (i32.lt_u (local.get $q) (local.get $qEnd))))
        (local.set $out (call $keep (local.get $out) (i32.load (local.get $slots)) (local.get $a)
          (call $across (local.get $sumA)) (local.get $queryScale) (local.get $queryNorm) (local.get $bar)))
        (if (i32.lt_u (i32.add (local.get $slots) (i32.const 4)) (local.get $end))
          (then (local.set $out (call $keep (local.get $out) (i32.load offset=4 (local.get $slots)) (local.get $b)
            (call $across (local.get $sumB)) (local.get $queryScale) (local.get $queryNorm) (local.get $bar)))))
        (if (i32.lt_u (i32.add (local.get $slots) (i32.const 8)) (local.get $end))
          (then (local.set $out (call $keep (local.get $out) (i32.load offset=8 (local.get $slots)) (local.get $c)
            (call $across (local.get $sumC)) (local.get $queryScale) (local.get $queryNorm) (local.get $bar)))))
        (if (i32.lt_u (i32.add (local.get $slots) (i32.const 12)) (local.get $end))
          (then (local.set $out (call $keep (local.get $out) (i32.load offset=12 (local.get $slots)) (local.get $d)
            (call $across (local.get $sumD)) (local.get $queryScale) (local.get $queryNorm) (local.get $bar)))))
        (local.set $slots (i32.add (local.get $slots) (i32.const 16)))
        (br $next)))
    (local.get $out)))
