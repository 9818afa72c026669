//! Families of processors: `mach/machine.h`.

numbered! {
    u32, "A family of processors:";
    CPUFAMILY_ARM_TAHITI = 0x75d4_acb9,
    CPUFAMILY_ARM_TUPAI = 0x2045_26d0,
    CPUFAMILY_ARM_SOTRA = 0xf76c_5b1a,
    CPUFAMILY_ARM_THERA = 0xab34_5f09,
    CPUFAMILY_ARM_TILOS = 0x01d7_a72b,
}
