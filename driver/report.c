// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a host did wrong: how it is counted and logged. A host cannot fill the log.
 */
#include <linux/device.h>

#include "vrng.h"

bool vrng_report_may_log(struct vrng *vrng, enum vrng_log kind)
{
	const u64 now = vrng_now_ms();

	lockdep_assert_held(&vrng->lock);
	if (now < vrng->log_next[kind])
		return false;
	vrng->log_next[kind] = now + VRNG_LOG_PAUSE_MS;
	return true;
}

void vrng_report_length(struct vrng *vrng, u32 used)
{
	lockdep_assert_held(&vrng->lock);
	vrng->device_errors++;
	if (!vrng_report_may_log(vrng, VRNG_LOG_LENGTH))
		return;
	dev_warn(&vrng->vdev->dev,
		 "device claims %u bytes, more than were asked\n", used);
}

void vrng_report_health(struct vrng *vrng, bool was_bad)
{
	const struct vrng_health *health = &vrng->pool.health;
	struct device *dev = &vrng->vdev->dev;
	const char *failure;

	lockdep_assert_held(&vrng->lock);
	if (health->bad == was_bad)
		return;
	if (health->bad) {
		vrng->told_of_health =
			vrng_report_may_log(vrng, VRNG_LOG_HEALTH);
		if (!vrng->told_of_health)
			return;
		failure =
			health->failed == VRNG_HEALTH_RCT ?
				"repetition count test failed, the stream is withheld" :
				"adaptive proportion test failed, the stream is withheld";
		dev_warn(dev, "%s\n", failure);
		return;
	}
	if (vrng->told_of_health)
		dev_info(dev, "%u good samples, the stream is taken up again\n",
			 VRNG_HEALTH_GOOD);
}

void vrng_report_answer(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	if (!vrng->waits || vrng->waits_received == vrng->pool.stats.received)
		return;
	vrng->waits = 0;
	if (vrng->told_of_silence)
		dev_info(&vrng->vdev->dev, "bytes arrive again\n");
	vrng->told_of_silence = false;
}

static void vrng_report_silence(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	vrng->device_errors++;
	vrng->told_of_silence = vrng_report_may_log(vrng, VRNG_LOG_SILENCE);
	if (!vrng->told_of_silence)
		return;
	dev_warn(&vrng->vdev->dev, "no byte for %u s: readers wait\n",
		 VRNG_SILENT_WAITS * VRNG_WAIT_MS / 1000);
}

void vrng_report_timed_out(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	if (vrng->state == VRNG_LIVE) {
		vrng->waits_received = vrng->pool.stats.received;
		vrng->waits++;
		if (vrng->waits == VRNG_SILENT_WAITS)
			vrng_report_silence(vrng);
	}
	spin_unlock_irq(&vrng->lock);
}
