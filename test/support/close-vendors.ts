import { afterAll } from 'vitest';
import { FakeVendor } from '../../build/demo/vendors/fake-vendor.ts';

afterAll(() => Promise.all([...FakeVendor.open].map(vendor => vendor.close())));
