#!/bin/bash
# secure-boot.t KERNEL: make sign, and a rescue in a guest whose firmware boots securely
# and knows our key (tests/secure-boot/secure-boot.sh). KERNEL is one of Debian's.
#
# The firmware is OVMF with the variables of Debian's package in which Secure Boot is on,
# and our certificate added to its db. It does not check the kernel, which QEMU gives to
# it, as the firmware loads that itself then; all else is as on a machine.
set -euo pipefail
# shellcheck source=tests/host.sh
. "$(dirname "$0")/host.sh"

kernel=${1:?KERNEL is missing}
# shellcheck source=tests/kernels/6.1.sh
. "$TOP/tests/kernels/$kernel.sh"

need_packages ovmf openssl >&2
[ -n "${PATCHER_BUILT-}" ] || "$TOP/tests/kernels/build" "$kernel" >/dev/null
work=$(build_dir "secure-boot-$kernel")
rm -rf "$work"
mkdir -p "$work"
cp -a "$(build_dir "$kernel")" "$work/tree"
cd "$work"

openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 30 -subj "/CN=patcher test/" \
	-addext extendedKeyUsage=codeSigning -outform DER -keyout tree/key.pem -out tree/cert.der 2>openssl.log ||
	{ cat openssl.log >&2; exit 1; }

kernel_build "$CACHE/kernels/$kernel" "$PWD/tree" PATCHER_TESTS=1 sign KEY=key.pem \
	CERT=cert.der >sign.log 2>&1 || { cat sign.log >&2; exit 1; }
"$TOP/tests/secure-boot/enrol" /usr/share/OVMF/OVMF_VARS_4M.ms.fd tree/cert.der vars.fd

code=/usr/share/OVMF/OVMF_CODE_4M.fd
{
	echo "# qemu: -drive if=pflash,unit=0,format=raw,readonly=on,file=$code"
	echo "# qemu: -drive if=pflash,unit=1,format=raw,snapshot=on,file=$work/vars.fd"
	cat "$TOP/tests/secure-boot/secure-boot.sh"
} >secure-boot.sh
export PATCHER_TREE=$work/tree PATCHER_BUILT=${PATCHER_BUILT:-secure-boot}
exec "$TOP/tests/vm/run" -k "$kernel" "$work/secure-boot.sh"
