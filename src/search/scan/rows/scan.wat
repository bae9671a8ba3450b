;; Scores rows of 8-bit integers against a query of 16-bit integers, with 128-bit vectors.
;; plainKernel.ts is the same in TypeScript. `npx tsx parity/scanKernel.ts` assembles this into scanBytes.ts.
;;
;; A row is a record: scale (f32), radius (f32), id (f64), and its values, 16 · vectors bytes with zeros at the end.
;; Its sum is Σ query[i] · value[i], exact: the query's scale is such that 32 bits hold it.
;;
;; One row after the other: the rows do not fit into the processor's caches, and memory is read three times as fast in one
;; long piece as in four that lie side by side.
(module
  (import "scan" "memory" (memory 1 65536 shared))

  ;; Scores the rows in the `count` slots (i32) that are listed at `slots`; those with the highest bit set are only read, so
  ;; that memory is read in one piece. Where a row can reach the bar,
  ;; sum · scale · queryScale + radius · queryNorm >= bar, its slot and its sum are written at `out`.
  ;; Returns the end of what was written.
  (func (export "score")
    (param $slots i32) (param $count i32) (param $rows i32) (param $stride i32) (param $vectors i32)
    (param $query i32) (param $queryScale f64) (param $queryNorm f64) (param $bar f64) (param $out i32)
    (result i32)
    (local $slotsEnd i32) (local $queryEnd i32) (local $row i32) (local $at i32) (local $q i32)
    (local $even v128) (local $odd v128) (local $sum i32)
    (local.set $slotsEnd (i32.add (local.get $slots) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $queryEnd (i32.add (local.get $query) (i32.shl (local.get $vectors) (i32.const 5))))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $slots) (local.get $slotsEnd)))
        (local.set $row
          (i32.add (local.get $rows) (i32.mul
            (i32.and (i32.load (local.get $slots)) (i32.const 0x7fffffff))
            (local.get $stride))))

        ;; Two running sums, so that one addition need not wait for the other.
        (local.set $even (v128.const i32x4 0 0 0 0))
        (local.set $odd (v128.const i32x4 0 0 0 0))
        (local.set $at (local.get $row))
        (local.set $q (local.get $query))
        (loop $nextVector
          (local.set $even
            (i32x4.add (local.get $even)
              (i32x4.dot_i16x8_s
                (v128.load (local.get $q))
                (v128.load8x8_s offset=16 (local.get $at)))))
          (local.set $odd
            (i32x4.add (local.get $odd)
              (i32x4.dot_i16x8_s
                (v128.load offset=16 (local.get $q))
                (v128.load8x8_s offset=24 (local.get $at)))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $q (i32.add (local.get $q) (i32.const 32)))
          (br_if $nextVector (i32.lt_u (local.get $q) (local.get $queryEnd))))

        (local.set $even (i32x4.add (local.get $even) (local.get $odd)))
        (local.set $sum
          (i32.add
            (i32.add
              (i32x4.extract_lane 0 (local.get $even))
              (i32x4.extract_lane 1 (local.get $even)))
            (i32.add
              (i32x4.extract_lane 2 (local.get $even))
              (i32x4.extract_lane 3 (local.get $even)))))

        (if
          (i32.and
            (i32.ge_s (i32.load (local.get $slots)) (i32.const 0))
            (f64.ge
              (f64.add
                (f64.mul
                  (f64.mul
                    (f64.convert_i32_s (local.get $sum))
                    (f64.promote_f32 (f32.load (local.get $row))))
                  (local.get $queryScale))
                (f64.mul
                  (f64.promote_f32 (f32.load offset=4 (local.get $row)))
                  (local.get $queryNorm)))
              (local.get $bar)))
          (then
            (i32.store (local.get $out) (i32.load (local.get $slots)))
            (i32.store offset=4 (local.get $out) (local.get $sum))
            (local.set $out (i32.add (local.get $out) (i32.const 8)))))
        (local.set $slots (i32.add (local.get $slots) (i32.const 4)))
        (br $nextRow)))
    (local.get $out)))
