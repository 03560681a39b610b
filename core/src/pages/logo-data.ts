import { LOGO_VARIANTS } from '../branding/logo-store.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';

/** What the page of the kernel's parameters shows of the logos; nothing on the pages of others. */
export async function logoData(kernel: Kernel, extension: string) {
  if (extension !== KERNEL_ID) return {};
  const logos = await kernel.logos.read();
  return { logos: LOGO_VARIANTS.map((variant) => ({ variant, isOwn: logos[variant] !== undefined })) };
}
