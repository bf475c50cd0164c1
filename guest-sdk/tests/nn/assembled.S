/* A layer as a converter of large models would write it: header, channels, weights (there an .incbin). guest.cpp has the
 * same from its builder. */
#ifdef ZKVM_NN_SOFTWARE
  .section .rodata.ASSEMBLED, "a"
#else
  .section .zkvm.rom.ASSEMBLED, "a"
#endif
  .balign 32
  .globl ASSEMBLED
ASSEMBLED:
  .4byte 0x314e4e5a, 1, 192, 0 /* magic, kind, bytes */
  .4byte 0                     /* operand: dense */
  .4byte 1, 2, 8, 1, 2, 4      /* in 1 x 2 x 8, out 1 x 2 x 4 */
  .4byte 1, 1, 1, 1, 1, 1      /* kernel, stride, dilation */
  .4byte 0, 0                  /* padding */
  .4byte -3, 0, 5, -128, 127   /* zero points, clamp */
  .4byte 5, 3                  /* channels with weights */
  .4byte 0, 0, 0, 0, 0, 0
  .4byte 100, 0x40000000, -2   /* bias, multiplier, shift */
  .4byte -200, 0x50000000, -2
  .4byte 300, 0x60000000, -2
  .byte 1, -2, 3, -4, 5
  .byte -6, 7, -8, 9, -10
  .byte 127, -128, 11, -12, 13
  .balign 32

  .section .note.GNU-stack, ""
