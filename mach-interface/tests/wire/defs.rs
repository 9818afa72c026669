//! Interfaces as `.defs` files, for MIG.

use crate::kinds::{KindsClient, KmClient, MachPortClient};
use crate::unsent::UnsentClient;

#[test]
fn golden_texts() {
    let golden = [
        (
            KindsClient::interface(),
            include_str!("golden/kinds.defs"),
            include_str!("golden/kinds_types.h"),
        ),
        (
            KmClient::interface(),
            include_str!("golden/km.defs"),
            include_str!("golden/km_types.h"),
        ),
        (
            MachPortClient::interface(),
            include_str!("golden/mach_port.defs"),
            include_str!("golden/mach_port_types.h"),
        ),
        (
            UnsentClient::interface(),
            include_str!("golden/unsent.defs"),
            include_str!("golden/unsent_types.h"),
        ),
    ];
    for (interface, defs, header) in golden {
        if let Some(folder) = std::env::var_os("WRITE_GOLDEN") {
            let folder = std::path::PathBuf::from(folder);
            std::fs::write(
                folder.join(format!("{}.defs", interface.name)),
                interface.to_defs(),
            )
            .unwrap();
            std::fs::write(
                folder.join(format!("{}_types.h", interface.name)),
                interface.to_c_header(),
            )
            .unwrap();
            continue;
        }
        assert_eq!(interface.to_defs(), defs);
        assert_eq!(interface.to_c_header(), header);
    }
}

#[test]
fn no_name_is_used_twice_or_is_mig_s_own() {
    let defs = UnsentClient::interface().to_defs();
    let who = defs.split_once("routine who(").unwrap().1;
    let who = who.split_once(");").unwrap().0;
    assert!(who.contains("requestport server_ : "), "{who}");
    assert!(who.contains("UserAuditToken server : "), "{who}");
}
